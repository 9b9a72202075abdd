using EventLedger.EventStore.Postgres;
using Npgsql;

namespace EventLedger.EventStore.Projections;

/// <summary>The loop of one projection.</summary>
internal sealed class Runner
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(1), RetryAfter = TimeSpan.FromMilliseconds(250), TurnAfter = TimeSpan.FromMilliseconds(50);

    // A step costs the database some milliseconds, however few entries it folds in: those that come one by one under load share steps. The first after a pause does
    // not wait, nor does a full batch, nor anything that somebody asks for: reads wait for what they are to show.
    private static readonly TimeSpan StepPace = TimeSpan.FromMilliseconds(500);

    private readonly Projection projection;
    private readonly IEventStore store;
    private readonly NpgsqlDataSource database;
    private readonly TimeProvider clock;
    private readonly Build live, next;
    private readonly Signal rebuilds;
    private bool isServed, isRebuilding;
    private long rebuildsWanted, rebuildsBegun;
    private string? error;

    public Runner(Projection projection, IEventStore store, NpgsqlDataSource database, TimeProvider clock, CancellationToken stop)
    {
        (this.projection, this.store, this.database, this.clock) = (projection, store, database, clock);
        (Seen, Wanted, rebuilds) = (new(clock), new(clock), new(clock));
        live = new(projection, database, store, Build.LiveName(projection), projection.Schema);
        next = new(projection, database, store, Build.NextName(projection), $"{projection.Schema}_next");
        Loop = Task.Run(() => Run(stop), CancellationToken.None);
    }

    public Signal Seen { get; }

    public Signal Wanted { get; }

    public Task Loop { get; }

    public ProjectionState State => new(projection.Name, Seen.Value, isRebuilding, error);

    public async Task Rebuild(CancellationToken cancellation)
    {
        var mine = Interlocked.Increment(ref rebuildsWanted);
        while (!await rebuilds.Reach(mine, Idle, cancellation))
        {
            if (error is not null)
            {
                throw new InvalidOperationException($"The projection '{projection.Name}' has stopped: {error}");
            }
        }
    }

    private async Task Run(CancellationToken stop)
    {
        var isKnown = false;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (!isKnown)
                {
                    await LookAround(stop);
                    isKnown = true;
                }
                var began = clock.GetTimestamp();
                switch (await Work(stop))
                {
                    case Build.Step.AtEnd or Build.Step.Advanced when !isRebuilding:
                        if (await store.WaitForEntry(live.Seq + 1, Idle, stop) && StepPace - clock.GetElapsedTime(began) is { Ticks: > 0 } left)
                        {
                            await Pace(left, stop);
                        }
                        break;
                    case Build.Step.Advanced:
                        break;
                    default:
                        // Another host has its turn; it tells nobody when it is done.
                        await Task.Delay(TurnAfter, clock, stop);
                        break;
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (Connections.IsLost(e))
            {
                isKnown = false;
                await Task.Delay(RetryAfter, clock, CancellationToken.None);
            }
            catch (Exception e)
            {
                // Whatever it was, going on would leave a hole in the view.
                error = e.Message;
                return;
            }
        }
    }

    private async Task Pace(TimeSpan left, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var (full, wanted) = (store.WaitForEntry(live.Seq + Build.BatchMax, left, either.Token), Wanted.Reach(live.Seq + 1, left, either.Token));
        await Task.WhenAny(full, wanted);
        await either.CancelAsync();
        await ((Task)Task.WhenAll(full, wanted)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.ThrowIfCancellationRequested();
    }

    private async Task LookAround(CancellationToken stop)
    {
        await using var connection = await database.OpenConnectionAsync(stop);
        var versions = await Build.Versions(connection, projection, stop);
        if (versions.Exists(name => Build.VersionIn(name) > projection.Version))
        {
            throw new InvalidOperationException("A newer version is served; an older one does not take it back. Raise the version instead.");
        }
        isServed = versions.Contains(live.ProgressName);
        isRebuilding = await next.Exists(stop);
        if (versions.Count == 0 && !isRebuilding)
        {
            await live.Create(anew: false, stop);
            isServed = true;
        }
        else if (!isServed && !isRebuilding)
        {
            // Another version is served; this one grows beside it.
            await BeginRebuild(stop);
        }
    }

    // One step of each build.
    private async Task<Build.Step> Work(CancellationToken stop)
    {
        if (!isRebuilding && Interlocked.Read(ref rebuildsWanted) > rebuilds.Value)
        {
            await BeginRebuild(stop);
        }
        var stepped = isServed ? await live.Advance(stop) : Build.Step.AtEnd;
        if (stepped == Build.Step.Gone)
        {
            await LookAround(stop);
            return Build.Step.Advanced;
        }
        if (stepped == Build.Step.Stale && !isRebuilding)
        {
            await BeginRebuild(stop);
        }
        if (isServed && stepped != Build.Step.Stale)
        {
            Seen.Advance(live.Seq);
        }
        return isRebuilding && await Grow(stop) ? Build.Step.Advanced : stepped;
    }

    // One step of the new build; false when there is nothing to do.
    private async Task<bool> Grow(CancellationToken stop)
    {
        switch (await next.Advance(stop))
        {
            case Build.Step.Advanced:
                return true;
            case Build.Step.Stale:
                await next.Create(anew: true, stop);
                return true;
            case Build.Step.Gone:
                // Another host finished it.
                await LookAround(stop);
                return true;
            case Build.Step.AtEnd when await next.Replace(live, stop):
                (isServed, isRebuilding) = (true, false);
                rebuilds.Advance(rebuildsBegun);
                Seen.Advance(next.Seq);
                return true;
            default:
                return false;
        }
    }

    private async Task BeginRebuild(CancellationToken stop)
    {
        rebuildsBegun = Interlocked.Read(ref rebuildsWanted);
        await next.Create(anew: false, stop);
        isRebuilding = true;
    }
}
