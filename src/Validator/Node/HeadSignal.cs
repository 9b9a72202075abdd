using EventLedger.Domain.Ledger;
using EventLedger.Validator.Storage;

namespace EventLedger.Validator.Node;

/// <summary>The newest block, for everybody outside of the loop, and a way to wait for a newer one.</summary>
public sealed class HeadSignal
{
    private readonly Lock gate = new();
    private TaskCompletionSource next = New();
    private volatile StoredBlock? newest;

    /// <summary>The newest block; null before the first.</summary>
    public StoredBlock? Newest => newest;

    /// <summary>Its height.</summary>
    public long Height => newest?.Height ?? 0;

    /// <summary>Keys as of the newest block.</summary>
    public Registry? Registry { get; private set; }

    /// <summary>Tells of a new block.</summary>
    public void Set(StoredBlock? block, Registry registry)
    {
        TaskCompletionSource reached;
        lock (gate)
        {
            (newest, Registry, reached, next) = (block, registry, next, New());
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
