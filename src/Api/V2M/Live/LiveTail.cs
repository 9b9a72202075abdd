using EventLedger.EventStore;

namespace EventLedger.Api.V2M.Live;

/// <summary>
/// Follows the store once for all subscribers: the newest entries, blocks and the state of the validators in memory, and one signal that there is more. It never
/// waits for a subscriber; each has a cursor of its own, and one that stands still costs nothing but its place.
/// </summary>
public sealed class LiveTail : BackgroundService
{
    private const int EntriesMax = 8192, BlocksMax = 2048, ReadMax = 1024, EntryPage = 256, BlockPage = 64;
    private const long BytesMax = 16 << 20;

    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(1), RetryAfter = TimeSpan.FromSeconds(1);

    private readonly IEventStore store;
    private readonly TimeProvider clock;
    private readonly ILogger<LiveTail> log;
    private readonly Kept entries = new(EntriesMax, BytesMax), blocks = new(BlocksMax, BytesMax);
    private readonly PageCache oldEntries, oldBlocks;
    private TaskCompletionSource changed = NewSignal();
    private int subscribers;

    /// <summary>Follows a store.</summary>
    public LiveTail(IEventStore store, TimeProvider clock, ILogger<LiveTail> log)
    {
        (this.store, this.clock, this.log) = (store, clock, log);
        oldEntries = new(EntryPage, async (first, max) => [.. (await store.ReadAll(first, max, CancellationToken.None)).Select(LiveItem.Of)]);
        oldBlocks = new(BlockPage, async (first, max) => await ReadBlocks(first, max, CancellationToken.None));
    }

    /// <summary>The newest state of the validators; null until they were asked.</summary>
    public LiveItem? Health { get; private set; }

    /// <summary>Ends when there is more than there was when this was read.</summary>
    public Task Changed => Volatile.Read(ref changed).Task;

    /// <summary>The last entry and block that are known here.</summary>
    public LivePosition End => new(entries.Next - 1, blocks.Next - 1);

    /// <summary>
    /// A pause between two signals, 0.1 ms for each subscriber and 200 ms at most: with many of them it is worth more to wake each seldom with a full page than
    /// often with one entry.
    /// </summary>
    private TimeSpan Pause => TimeSpan.FromMilliseconds(Math.Clamp(Volatile.Read(ref subscribers) / 10, 1, 200));

    /// <summary>Counts a subscriber in; it leaves when the result is disposed.</summary>
    public IDisposable Join()
    {
        Interlocked.Increment(ref subscribers);
        return new Seat(this);
    }

    /// <summary>Entries from a place on, at least one when there is one; the newest from memory, older ones from the store.</summary>
    public async Task<IReadOnlyList<LiveItem>> Entries(long seq, int max) => entries.From(seq, max) ?? await oldEntries.From(seq);

    /// <summary>Blocks likewise.</summary>
    public async Task<IReadOnlyList<LiveItem>> Blocks(long height, int max) => blocks.From(height, max) ?? await oldBlocks.From(height);

    /// <summary>Shows a new state of the validators to everybody.</summary>
    public void Show(LiveItem health)
    {
        Health = health;
        Wake();
    }

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        entries.Begin((await store.Head(cancellationToken)).Seq);
        blocks.Begin((await store.LatestBlock(cancellationToken))?.Height ?? 0);
        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Task entry = Task.CompletedTask, block = Task.CompletedTask;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await Take(stoppingToken))
                {
                    Wake();
                    await Task.Delay(Pause, clock, stoppingToken);
                    continue;
                }
                entry = entry.IsCompleted ? store.WaitForEntry(entries.Next, Idle, stoppingToken) : entry;
                block = block.IsCompleted ? store.WaitForBlock(blocks.Next, Idle, stoppingToken) : block;
                await Task.WhenAny(entry, block);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                log.LogWarning(e, "The live feed waits for the store.");
                await Task.Delay(RetryAfter, clock, stoppingToken);
            }
        }
    }

    // Blocks are read first: what they seal is then among the entries read after them, unless the signal of those comes later.
    private async Task<bool> Take(CancellationToken cancellation)
    {
        var sealedBlocks = await store.WaitForBlock(blocks.Next, TimeSpan.Zero, cancellation) ? await ReadBlocks(blocks.Next, BlockPage, cancellation) : [];
        var taken = await store.WaitForEntry(entries.Next, TimeSpan.Zero, cancellation) ? await store.ReadAll(entries.Next, ReadMax, cancellation) : [];
        foreach (var entry in taken)
        {
            entries.Add(LiveItem.Of(entry));
        }
        foreach (var block in sealedBlocks)
        {
            blocks.Add(block);
        }
        return taken.Count + sealedBlocks.Count > 0;
    }

    private async Task<IReadOnlyList<LiveItem>> ReadBlocks(long first, int max, CancellationToken cancellation)
    {
        var read = new List<LiveItem>();
        while (read.Count < max && await store.Block(first + read.Count, cancellation) is { } block)
        {
            read.Add(LiveItem.Of(block));
        }
        return read;
    }

    private void Wake() => Interlocked.Exchange(ref changed, NewSignal()).SetResult();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Seat(LiveTail tail) : IDisposable
    {
        private int left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref left, 1) == 0)
            {
                Interlocked.Decrement(ref tail.subscribers);
            }
        }
    }
}
