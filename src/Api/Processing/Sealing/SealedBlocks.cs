using System.Collections.Immutable;
using EventLedger.Api.Host;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;

namespace EventLedger.Api.Processing.Sealing;

/// <summary>
/// Follows the blocks of the store, whichever host wrote them: the head moves on, and what was sealed as rejected loses its effect here.
/// </summary>
public sealed class SealedBlocks(IEventStore store, LedgerHead head, LedgerSets sets, HostState state, ILogger<SealedBlocks> log) : BackgroundService
{
    private const int NewestMax = 32;

    private readonly SemaphoreSlim one = new(1);
    private volatile ImmutableQueue<StoredBlock> newest = [];
    private long height;

    /// <summary>Called for each block with rejected entries, in order, before its effects show.</summary>
    public event Action<StoredBlock>? Rejected;

    /// <summary>The block that holds an entry, from memory, if it is one of the newest: whoever waits for a seal asks for it at that moment. Null otherwise.</summary>
    public StoredBlock? Newest(long seq) => newest.FirstOrDefault(b => b.First <= seq && seq <= b.Size);

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (await store.LatestBlock(cancellationToken) is { } latest)
        {
            await sets.Load(cancellationToken);
            Show(latest);
            height = latest.Height;
        }
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Takes in a block that was just stored; one that is known already changes nothing.</summary>
    public async Task Take(StoredBlock block, CancellationToken cancellation)
    {
        await one.WaitAsync(cancellation);
        try
        {
            if (block.Height <= height)
            {
                return;
            }
            height = block.Height;
            var blocks = newest.Enqueue(block);
            newest = blocks.Peek().Height > height - NewestMax ? blocks : blocks.Dequeue();
            var header = Show(block);
            if (block.Rejected.Count > 0)
            {
                await Undo(block, cancellation);
            }
            // Last, for whoever brought the block may stop when other validators have seats now.
            await sets.Follow(header, cancellation);
        }
        finally
        {
            one.Release();
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var next = Volatile.Read(ref height) + 1;
                if (await store.WaitForBlock(next, TimeSpan.FromMinutes(1), stoppingToken) && Volatile.Read(ref height) < next
                    && await store.Block(next, stoppingToken) is { } block)
                {
                    await Take(block, stoppingToken);
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                log.LogWarning(e, "Following the blocks waits for the store.");
                await Task.Delay(TimeSpan.FromSeconds(1), stoppingToken);
            }
        }
    }

    private BlockHeader Show(StoredBlock block)
    {
        if (!BlockHeader.TryParse(block.Header, out var header) || !Commit.TryParse(block.Commit, out var commit))
        {
            throw new InvalidDataException($"Block {block.Height} in the store is damaged.");
        }
        head.Advance(header, commit);
        return header;
    }

    private async Task Undo(StoredBlock block, CancellationToken cancellation)
    {
        foreach (var (seq, code) in block.Rejected)
        {
            log.LogError("Entry {Seq} was sealed as rejected: {Code}. It has no effect.", seq, code);
        }
        Rejected?.Invoke(block);
        await state.Rebuild(cancellation);
    }
}
