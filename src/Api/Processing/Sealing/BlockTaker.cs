using EventLedger.Api.Host;
using EventLedger.Api.Telemetry;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using EventLedger.Wire;

namespace EventLedger.Api.Processing.Sealing;

/// <summary>What became of a block that a validator sent.</summary>
public enum BlockFate
{
    /// <summary>It is stored now.</summary>
    Stored,

    /// <summary>It was there already, or does not follow yet.</summary>
    NotNext,

    /// <summary>It proves nothing: a signature, hash or link is wrong. The sender is at fault.</summary>
    Unproved,

    /// <summary>It is proved, and this store lacks an entry of it.</summary>
    EntryMissing,

    /// <summary>It is proved, and this store holds other entries.</summary>
    EntryDiffers,
}

/// <summary>
/// Takes in blocks: checks the commit, the link to the block before, and that the root is the root over this store's own entries, then stores it. Nothing a
/// single validator says is believed.
/// </summary>
public sealed class BlockTaker(Genesis genesis, IEventStore store, LedgerHead head, LedgerSets sets, SealedBlocks blocks, LedgerMeter meter, ILogger<BlockTaker> log) : IDisposable
{
    private const int PageMax = 4096;

    private readonly SemaphoreSlim one = new(1);
    private MerkleFrontier? tree;

    /// <summary>Takes the block when it is the next one.</summary>
    public async Task<BlockFate> Take(Block block, CancellationToken cancellation)
    {
        // Every validator sends every block; all but the first are known by their height alone.
        if (block.Height <= head.Header.Height)
        {
            return BlockFate.NotNext;
        }
        await one.WaitAsync(cancellation);
        try
        {
            return await TakeNext(block, cancellation);
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>
    /// The header, when its commit proves it to be final on this chain by the set in force there as far as this store knows it; null otherwise. So a head
    /// beyond changes that are not stored here is proved only block by block.
    /// </summary>
    public (BlockHeader Header, Commit Commit)? Proved(Block block)
    {
        if (!BlockHeader.TryParse(block.Header.Memory, out var header) || !Commit.TryParse(block.Commit.Memory, out var commit) || header.Chain != genesis.Chain
            || header.Height != commit.Height || header.Hash != commit.Block || header.Validators != sets.At(header.Height).Hash
            || commit.Problem(genesis.Chain, sets.At(header.Height)) is not null)
        {
            return null;
        }
        return (header, commit);
    }

    /// <inheritdoc/>
    public void Dispose() => one.Dispose();

    private async Task<BlockFate> TakeNext(Block block, CancellationToken cancellation)
    {
        var before = head.Header;
        if (block.Height != before.Height + 1)
        {
            return BlockFate.NotNext;
        }
        var rejected = block.Rejected.Select(r => new Rejected(r.Seq, r.Code)).ToList();
        if (Proved(block) is not var (header, commit) || header.Height != block.Height || header.Prev != before.Hash || header.First != before.Size + 1
            || header.Validators != before.NextValidators || header.Results != BlockHeader.ResultsOf(before.Results, rejected))
        {
            log.LogWarning("A validator sent a block {Height} that proves nothing.", block.Height);
            return BlockFate.Unproved;
        }
        if (tree?.Size != before.Size)
        {
            tree = await store.Frontier(before.Size, cancellation);
        }
        var (after, since) = (tree.Copy(), header.Time);
        while (after.Size < header.Size)
        {
            var page = await store.ReadAll(after.Size + 1, (int)Math.Min(PageMax, header.Size - after.Size), cancellation);
            if (page.Count == 0)
            {
                return BlockFate.EntryMissing;
            }
            since = page[0].Entry.Seq == header.First ? page[0].Entry.Time : since;
            foreach (var entry in page)
            {
                after.Append(entry.Leaf);
            }
        }
        if (after.Root() != header.Root)
        {
            return BlockFate.EntryDiffers;
        }
        var stored = new StoredBlock(header.Height, header.First, header.Size, header.Time, block.Header.Memory, block.Commit.Memory,
            [.. rejected.Select(r => new RejectedEntry(r.Seq, r.Code))]);
        await store.StoreBlock(stored, cancellation);
        tree = after;
        meter.Sealed(header, since, commit, sets.At(header.Height), stored.Rejected.Select(r => r.Code));
        log.LogDebug("Block {Height} seals entries {First} to {Last}.", header.Height, header.First, header.Size);
        await blocks.Take(stored, cancellation);
        return BlockFate.Stored;
    }
}
