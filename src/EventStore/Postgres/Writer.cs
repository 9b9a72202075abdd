using System.Diagnostics;
using System.Threading.Channels;
using Npgsql;

namespace EventLedger.EventStore.Postgres;

/// <summary>
/// The one loop that writes: it takes what has come in, gives it places and times, and commits it as one group. An append that was on its
/// way when the connection broke is asked for again with the same places until it is certain whether it was written.
/// </summary>
internal sealed class Writer : IAsyncDisposable
{
    private const int GroupMax = 4096, QueueMax = 16_384;

    // Whoever was just answered gets this long to come back with the next append. It is short beside a commit, and a group that is
    // as large as the number of writers is what makes commits few.
    private static readonly TimeSpan GatherFor = TimeSpan.FromMicroseconds(200);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(100);

    private readonly Channel<IReadOnlyList<Pending>> queue = Channel.CreateBounded<IReadOnlyList<Pending>>(
        new BoundedChannelOptions(QueueMax) { SingleReader = true });

    private readonly PostgresEventStore store;
    private readonly NpgsqlDataSource database;
    private readonly TimeProvider clock;
    private readonly Action<Group> written;
    private readonly CancellationTokenSource stop = new();
    private readonly SemaphoreSlim turn = new(1);
    private readonly Task loop;
    private AppendCommand? command;
    private Head? head;

    public Writer(PostgresEventStore store, NpgsqlDataSource database, TimeProvider clock, Action<Group> written)
    {
        (this.store, this.database, this.clock, this.written) = (store, database, clock, written);
        loop = Task.Run(Run);
    }

    public async Task<AppendResult> Append(Append append, CancellationToken cancellation)
    {
        var pending = new Pending(append, cancellation);
        await queue.Writer.WriteAsync([pending], cancellation);
        return await pending.Result.WaitAsync(cancellation);
    }

    public async Task<IReadOnlyList<AppendResult>> AppendMany(IReadOnlyList<Append> appends, CancellationToken cancellation)
    {
        Pending[] all = [.. appends.Select(a => new Pending(a, cancellation))];
        foreach (var part in all.Chunk(GroupMax))
        {
            await queue.Writer.WriteAsync(part, cancellation);
        }
        return await Task.WhenAll(all.Select(p => p.Result)).WaitAsync(cancellation);
    }

    public async Task Restore(IReadOnlyList<RestoredEntry> entries, Func<IReadOnlyList<RestoredEntry>, Task<IReadOnlyDictionary<string, long>>> versionsOf)
    {
        await turn.WaitAsync(stop.Token);
        try
        {
            head = null;
            var group = Group.Of(entries, await Head(), await versionsOf(entries), store.Chain);
            switch (await Send(group, guarded: false))
            {
                case Written.Whole:
                    head = group.After;
                    written(group);
                    break;
                case Written.Conflicts { Uniques: [var (no, holder), ..] }:
                    throw new InvalidDataException($"Entry {group.Uniques[no].Seq} claims what entry {holder} holds.");
                default:
                    throw new InvalidDataException($"Someone else wrote after entry {group.Before.Seq}.");
            }
        }
        finally
        {
            turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await stop.CancelAsync();
        await loop;
        if (command is not null)
        {
            await command.DisposeAsync();
        }
        stop.Dispose();
        turn.Dispose();
    }

    private async Task Run()
    {
        var group = new List<Pending>();
        var expected = 1;
        try
        {
            while (await queue.Reader.WaitToReadAsync(stop.Token))
            {
                await Gather(group, expected);
                await turn.WaitAsync(stop.Token);
                try
                {
                    expected = group.Count;
                    await Commit(group);
                }
                finally
                {
                    turn.Release();
                }
                // Those just answered and those who waited meanwhile belong together, or two half groups would take turns for ever.
                expected += queue.Reader.Count;
                group.Clear();
            }
        }
        catch (OperationCanceledException)
        {
        }
        finally
        {
            queue.Writer.TryComplete();
            var gone = new ObjectDisposedException(nameof(PostgresEventStore));
            group.ForEach(p => p.Fail(gone));
            while (queue.Reader.TryRead(out var late))
            {
                foreach (var p in late)
                {
                    p.Fail(gone);
                }
            }
        }
    }

    private async Task Gather(List<Pending> group, int expected)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            while (group.Count < GroupMax && queue.Reader.TryRead(out var more))
            {
                group.AddRange(more);
            }
            if (group.Count >= Math.Min(expected, GroupMax) || Stopwatch.GetElapsedTime(start) > GatherFor)
            {
                return;
            }
            // Goes to the end of the thread pool's line, behind the writers that were just answered.
            await Task.Yield();
        }
    }

    private async Task Commit(List<Pending> appends)
    {
        var left = appends.FindAll(p => !p.IsGivenUp);
        try
        {
            while (left.Count > 0)
            {
                if (store.ReadOnlyReason is { } reason)
                {
                    left.ForEach(p => p.Answer(new AppendResult.ReadOnly(reason)));
                    return;
                }
                var group = Group.Plan(left, await Head(), store.Chain, clock);
                switch (await Send(group, guarded: true))
                {
                    case Written.Whole:
                        head = group.After;
                        written(group);
                        group.Answer();
                        return;
                    case Written.HeadMoved(var actual):
                        Move(actual);
                        break;
                    case Written.Conflicts conflicts:
                        var refused = group.Refuse(conflicts);
                        left.RemoveAll(refused.Contains);
                        break;
                    case Written.Refused refusal:
                        left.ForEach(p => p.Answer(new AppendResult.ReadOnly(refusal.Reason)));
                        return;
                }
            }
        }
        catch (PostgresException e)
        {
            // The database refused the group and wrote nothing. One bad append must not fail the others.
            if (left is [var single])
            {
                single.Fail(e);
                return;
            }
            foreach (var p in left)
            {
                await Commit([p]);
            }
        }
        catch (OperationCanceledException)
        {
            left.ForEach(p => p.Fail(new ObjectDisposedException(nameof(PostgresEventStore))));
            throw;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Only a bug leads here; the callers must hear of it, and the loop must live on.
            left.ForEach(p => p.Fail(e));
        }
    }

    // Sends one group until it is certain what became of it. While the connection was lost the database may have written it, and may still
    // do so; but as the places stay the same, it can be written only once, and whoever finds the places taken looks by whom.
    private async Task<Written> Send(Group group, bool guarded)
    {
        for (var uncertain = false; ; uncertain = true)
        {
            try
            {
                if (uncertain)
                {
                    await Task.Delay(RetryAfter, clock, stop.Token);
                    await store.Reconnected(stop.Token);
                }
                if (uncertain && guarded && store.ReadOnlyReason is { } reason)
                {
                    return await (await Command()).Holds(group, stop.Token) ? new Written.Whole() : new Written.Refused(reason);
                }
                var answer = await (await Command()).Write(group, stop.Token);
                return uncertain && answer is Written.HeadMoved && await (await Command()).Holds(group, stop.Token) ? new Written.Whole() : answer;
            }
            catch (Exception e) when (Connections.IsLost(e))
            {
                await Drop();
            }
        }
    }

    private async Task<Head> Head()
    {
        while (head is null)
        {
            try
            {
                head = await (await Command()).Head(stop.Token);
            }
            catch (Exception e) when (Connections.IsLost(e))
            {
                await Drop();
                await Task.Delay(RetryAfter, clock, stop.Token);
            }
        }
        return head.Value;
    }

    // A log that became shorter has lost what was acknowledged: nothing may be written over the gap.
    private void Move(Head actual)
    {
        if (head is { } known && actual.Seq < known.Seq)
        {
            store.ReadOnlyReason ??= $"The database lost entries: it ended at {known.Seq} and now ends at {actual.Seq}.";
        }
        head = actual;
    }

    private async Task<AppendCommand> Command() => command ??= await AppendCommand.Open(database, stop.Token);

    private async Task Drop()
    {
        if (command is { } broken)
        {
            command = null;
            await broken.DisposeAsync();
        }
    }
}
