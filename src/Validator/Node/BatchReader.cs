using EventLedger.Domain.Ledger;

namespace EventLedger.Validator.Node;

/// <summary>
/// Reads batches and verifies their signatures ahead of their turn, outside of the loop. The same bytes are read once, however
/// often and by whomever they are brought.
/// </summary>
public sealed class BatchReader(HeadSignal head, Genesis genesis)
{
    /// <summary>How many batches are remembered.</summary>
    public const int RememberedMax = 4;

    private readonly Lock gate = new();
    private readonly LinkedList<(IReadOnlyList<ReadOnlyMemory<byte>> Entries, IReadOnlyList<ReadOnlyMemory<byte>> Sidecars, Task<CheckedBatch?> Read)> remembered = [];

    /// <summary>The batch; null when its limits are exceeded or its bytes refuse it as a whole.</summary>
    public Task<CheckedBatch?> Read(IReadOnlyList<ReadOnlyMemory<byte>> entries, IReadOnlyList<ReadOnlyMemory<byte>> sidecars)
    {
        if (!CheckedBatch.IsWithinLimits(entries, sidecars))
        {
            return Task.FromResult<CheckedBatch?>(null);
        }
        lock (gate)
        {
            foreach (var known in remembered)
            {
                if (AreSame(known.Entries, entries) && AreSame(known.Sidecars, sidecars))
                {
                    return known.Read;
                }
            }
            Forget();
            var registry = head.Registry ?? Registry.From(genesis);
            var read = Task.Run(() => CheckedBatch.TryRead(entries, sidecars, registry));
            remembered.AddFirst((entries, sidecars, read));
            if (remembered.Count > RememberedMax)
            {
                remembered.RemoveLast();
            }
            return read;
        }
    }

    // Comparing costs a tenth of naming a batch by its hash.
    private static bool AreSame(IReadOnlyList<ReadOnlyMemory<byte>> one, IReadOnlyList<ReadOnlyMemory<byte>> other)
    {
        if (one.Count != other.Count)
        {
            return false;
        }
        for (var i = 0; i < one.Count; i++)
        {
            if (!one[i].Span.SequenceEqual(other[i].Span))
            {
                return false;
            }
        }
        return true;
    }

    // Parsed entries weigh several times their bytes, so what is sealed goes.
    private void Forget()
    {
        var size = head.Size;
        for (var node = remembered.First; node is not null; node = node.Next)
        {
            if (node.Value.Read is { IsCompletedSuccessfully: true, Result: var batch } && (batch is null || batch.Last <= size))
            {
                remembered.Remove(node);
                break;
            }
        }
    }
}
