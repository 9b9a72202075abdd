namespace EventLedger.EventStore.Postgres;

/// <summary>
/// The newest entries that this host wrote, in memory: sealer and projections follow closely, and need not have them read and made
/// canonical again. Bounded in number and bytes.
/// </summary>
internal sealed class Tail
{
    private const int EntriesMax = 8192;
    private const long BytesMax = 32 << 20;

    private readonly Lock gate = new();
    private readonly Queue<(StoredEntry Entry, ReadOnlyMemory<byte> Sidecar)> entries = [];
    private long next, bytes;

    public void Add(Group group)
    {
        lock (gate)
        {
            if (group.Before.Seq + 1 != next)
            {
                // Another host wrote in between.
                entries.Clear();
                bytes = 0;
            }
            var sidecars = group.Sidecars.ToDictionary(s => s.Seq, s => s.Bytes);
            foreach (var entry in group.Entries)
            {
                var sidecar = sidecars.GetValueOrDefault(entry.Entry.Seq);
                entries.Enqueue((entry, sidecar));
                bytes += entry.Bytes.Length + sidecar.Length;
            }
            next = group.After.Seq + 1;
            while (entries.Count > EntriesMax || bytes > BytesMax)
            {
                var (entry, sidecar) = entries.Dequeue();
                bytes -= entry.Bytes.Length + sidecar.Length;
            }
        }
    }

    /// <summary>What is here from a place on; null when that place is not.</summary>
    public IReadOnlyList<StoredEntry>? From(long seq, int max)
    {
        lock (gate)
        {
            var first = next - entries.Count;
            return seq < first || seq >= next ? null : [.. entries.Skip((int)(seq - first)).Take(max).Select(e => e.Entry)];
        }
    }

    /// <summary>The sidecars of a range; null when the range is not all here.</summary>
    public IReadOnlyDictionary<long, ReadOnlyMemory<byte>>? Sidecars(long first, long last)
    {
        lock (gate)
        {
            var start = next - entries.Count;
            return first < start || last >= next
                ? null
                : entries.Skip((int)(first - start)).Take((int)(last - first + 1)).Where(e => !e.Sidecar.IsEmpty)
                    .ToDictionary(e => e.Entry.Entry.Seq, e => e.Sidecar);
        }
    }
}
