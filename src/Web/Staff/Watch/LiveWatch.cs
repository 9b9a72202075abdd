using System.Text.Json;
using EventLedger.Api.V2M.Live;
using Microsoft.AspNetCore.SignalR;

namespace EventLedger.Web.Staff.Watch;

/// <summary>
/// The live feed for one page: it reads all that passes, counts it, and keeps the newest rows, so that what a page holds does not grow however much happens. While it
/// stands still it reads nothing; when it goes on it reads from where it stopped.
/// </summary>
public sealed class LiveWatch(LiveFeed feed, LiveFilter filter, EventWords words, TimeProvider clock) : IAsyncDisposable
{
    /// <summary>Most rows that are kept.</summary>
    public const int RowsMax = 200;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private readonly Queue<LiveRow> rows = new(RowsMax);
    private readonly Dictionary<string, long> passed = LiveKind.All.ToDictionary(k => k, _ => 0L);
    private CancellationTokenSource? running;
    private Task reading = Task.CompletedTask;
    private long version;

    /// <summary>The last entry and block that were read.</summary>
    public LivePosition Position { get; private set; }

    /// <summary>Whether it stands still.</summary>
    public bool IsPaused => running is null;

    /// <summary>The entries that came while it stood still last time; null when none did.</summary>
    public (long First, long Last)? Meanwhile { get; private set; }

    /// <summary>Why it does not go on by itself; null when it does.</summary>
    public string? Trouble { get; private set; }

    /// <summary>The state of the validators; undefined until it was told.</summary>
    public JsonElement Health { get; private set; }

    /// <summary>Changes with everything that can be seen.</summary>
    public long Version => Interlocked.Read(ref version);

    /// <summary>What is seen: the newest first, and how many of each kind passed.</summary>
    public (LiveRow[] Rows, IReadOnlyDictionary<string, long> Passed) Seen()
    {
        lock (gate)
        {
            LiveRow[] newest = [.. rows];
            Array.Reverse(newest);
            return (newest, new Dictionary<string, long>(passed));
        }
    }

    /// <summary>Begins at an entry, or at what is to come.</summary>
    /// <param name="fromSeq">First entry that is wanted; null for those to come.</param>
    public async Task Begin(long? fromSeq)
    {
        var end = feed.End;
        Position = fromSeq is { } seq && seq >= 1 && seq <= end.Seq + 1 ? new(seq - 1, await feed.HeightBefore(seq)) : end;
        Start();
    }

    /// <summary>Stands still.</summary>
    public async Task Pause()
    {
        if (Interlocked.Exchange(ref running, null) is { } was)
        {
            await was.CancelAsync();
            await reading;
            was.Dispose();
            Touch();
        }
    }

    /// <summary>Goes on after the last entry that was read.</summary>
    public void Resume()
    {
        if (running is null)
        {
            var end = feed.End.Seq;
            Meanwhile = end > Position.Seq ? (Position.Seq + 1, end) : null;
            Start();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await Pause();

    private void Start()
    {
        running = new();
        reading = Task.Run(() => Read(running.Token));
        Touch();
    }

    private async Task Read(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await foreach (var page in feed.Follow(filter, Position, cancellation))
                {
                    Take(page);
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (HubException e)
            {
                // Nothing is lost: the position stands, and the store is asked again.
                Trouble = e.Message;
                Touch();
                await Task.Delay(RetryAfter, clock, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Take(LivePage page)
    {
        lock (gate)
        {
            foreach (var item in page.Items)
            {
                passed[item.Kind]++;
            }
            foreach (var item in page.Items.Where(i => i.Kind != LiveKind.Health).TakeLast(RowsMax))
            {
                if (rows.Count == RowsMax)
                {
                    rows.Dequeue();
                }
                rows.Enqueue(LiveRow.Of(item, words));
            }
            if (page.Items.LastOrDefault(i => i.Kind == LiveKind.Health) is { } health)
            {
                Health = LiveRow.Json(health);
            }
            (Position, Trouble) = (page.Position, null);
        }
        Touch();
    }

    private void Touch() => Interlocked.Increment(ref version);
}
