using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Storage;

namespace EventLedger.Validator.Node;

/// <summary>Looks after blocks that nobody asks for: bits rot in silence, and a copy that is only found bad when it is needed is no copy.</summary>
public sealed partial class Node
{
    private long scrubbed;
    private bool isScrubbing;

    // One block a second, outside of the loop: a validator that is busy feels nothing, and a million blocks take twelve days.
    private void Scrub()
    {
        if (ticks % 4 != 1 || isScrubbing || store.Height == 0)
        {
            return;
        }
        isScrubbing = true;
        var height = scrubbed = scrubbed < store.Height ? scrubbed + 1 : 1;
        outside.Offload(() => Task.FromResult<NodeInput?>(new NodeInput.Scrubbed(Examine(height))));
    }

    // A start folds what the blocks changed and not their entries. That these are the ones the header commits to, whatever a checksum says, is seen here.
    private BlockStoreCorruptException? Examine(long height)
    {
        if (TryRead(height, out var damage) is not { } block || (TryRead(height - 1, out _) is var before && before is null && height > 1))
        {
            return damage;
        }
        var tree = TreeAfter(before, block.Entries.Select(e => Entry.LeafHash(e.Span)));
        return BlockHeader.TryParse(block.Header, out var header) && header.Root == tree.Root() ? null
            : new(height, "its entries are not those of its header") { Found = block };
    }

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
