using System.Numerics;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Storage;

namespace EventLedger.Validator.Node;

/// <summary>Looks after blocks that nobody asks for: bits rot in silence, and a copy that is only found bad when it is needed is no copy.</summary>
public sealed partial class Node
{
    private const long PassSeconds = 7 * 24 * 60 * 60;
    private const int BlocksPerTurnMax = 64;
    private long? scrubbed;
    private bool isScrubbing;

    // Once a second and outside of the loop: one block, so that a validator that is busy feels nothing, and as many more as a chain needs to be gone through in a
    // week, up to some 39 million blocks.
    private void Scrub()
    {
        if (ticks % 4 != 1 || isScrubbing || store.Height == 0)
        {
            return;
        }
        isScrubbing = true;
        // Where a validator that never stops would be by now, so that restarts do not keep it from any block.
        var perTurn = Math.Min(1 + store.Height / PassSeconds, BlocksPerTurnMax);
        scrubbed ??= outside.Clock.GetUtcNow().ToUnixTimeSeconds() * perTurn % store.Height;
        var first = scrubbed < store.Height ? scrubbed.Value + 1 : 1;
        var last = Math.Min(store.Height, first + perTurn - 1);
        outside.Offload(() => Task.FromResult<NodeInput?>(Examine(first, last)));
    }

    private NodeInput.Scrubbed Examine(long first, long last)
    {
        for (var height = first; height <= last; height++)
        {
            if (Examine(height) is { } damage)
            {
                return new(height, damage);
            }
        }
        return new(last, null);
    }

    // A start folds what the blocks changed and not their entries. That these are the ones the header commits to, whatever a checksum says, is seen here.
    private BlockStoreCorruptException? Examine(long height)
    {
        if (TryRead(height, out var damage) is not { } block)
        {
            return damage;
        }
        if (!BlockHeader.TryParse(block.Header, out var header) || FrontierOf(block) is not { } after || after.Size != header.Size || after.Root() != header.Root)
        {
            return new(height, "its tree is not that of its header") { Found = block };
        }
        // Where the block before is damaged, that is said of it in its own turn.
        if (TryRead(height - 1, out damage) is var before && (damage is not null || (before is not null && FrontierOf(before) is null)))
        {
            return null;
        }
        return TreeAfter(before, block.Entries.Select(e => Entry.LeafHash(e.Span))).Root() == header.Root ? null
            : new(height, "its entries are not those of its header") { Found = block };
    }

    private static MerkleFrontier? FrontierOf(StoredBlock block) =>
        block.Frontier.Count == BitOperations.PopCount((ulong)block.Size) ? MerkleFrontier.From(block.Size, block.Frontier) : null;

    private static MerkleFrontier TreeAfter(StoredBlock? before, IEnumerable<Digest> leaves)
    {
        var tree = before is null ? new MerkleFrontier() : MerkleFrontier.From(before.Size, before.Frontier);
        foreach (var leaf in leaves)
        {
            tree.Append(leaf);
        }
        return tree;
    }

    private StoredBlock? TryRead(long height, out BlockStoreCorruptException? damage)
    {
        try
        {
            damage = null;
            return store.Read(height);
        }
        catch (BlockStoreCorruptException e)
        {
            damage = e;
            return null;
        }
    }
}
