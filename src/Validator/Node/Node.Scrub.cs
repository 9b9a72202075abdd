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
        outside.Offload(() =>
        {
            TryRead(height, out var damage);
            return Task.FromResult<NodeInput?>(new NodeInput.Scrubbed(damage));
        });
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
