using EventLedger.Domain.Ledger;
using EventLedger.Validator.Storage;

namespace EventLedger.Validator.Node;

/// <summary>The newest block, for everybody outside of the loop, and a way to wait for a newer one.</summary>
public sealed class HeadSignal
{
    private readonly Lock gate = new();
    private TaskCompletionSource next = New();
    private volatile BlockHeader? header;
    private volatile StoredBlock? newest;

    /// <summary>The newest block where it is at hand; null before the first and after a start, until the next one.</summary>
    public StoredBlock? Newest => newest;

    /// <summary>The newest block's height; 0 before the first.</summary>
    public long Height => header?.Height ?? 0;

    /// <summary>The tree's size after it.</summary>
    public long Size => header?.Size ?? 0;

    /// <summary>Keys as of the newest block.</summary>
    public Registry? Registry { get; private set; }

    /// <summary>Tells of a new block.</summary>
    public void Set(BlockHeader head, StoredBlock? block, Registry registry)
    {
        TaskCompletionSource reached;
        lock (gate)
        {
            (newest, header, Registry, reached, next) = (block, head, registry, next, New());
        }
        reached.SetResult();
    }

    /// <summary>Waits for a height.</summary>
    public async Task Reached(long height, CancellationToken ct)
    {
        while (true)
        {
            Task wait;
            lock (gate)
            {
                if (Height >= height)
                {
                    return;
                }
                wait = next.Task;
            }
            await wait.WaitAsync(ct);
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
