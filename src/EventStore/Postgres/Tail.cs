namespace EventLedger.EventStore.Postgres;

/// <summary>
/// The newest entries that this host wrote, in memory: sealer and projections follow closely, and need not have them read and made
/// canonical again. Bounded in number and bytes; wide enough for what a bulk import runs ahead of the seal.
/// </summary>
internal sealed class Tail
{
    private const int EntriesMax = 1 << 15;
    private const long BytesMax = 64 << 20;

    private readonly Lock gate = new();
    private readonly (StoredEntry? Entry, ReadOnlyMemory<byte> Sidecar)[] ring = new (StoredEntry?, ReadOnlyMemory<byte>)[EntriesMax];
    private long first, next, bytes;

    public void Add(Group group)
    {
        lock (gate)
        {
            if (group.Before.Seq + 1 != next)
            {
                // Another host wrote in between.
                Forget(next);
                first = next = group.Before.Seq + 1;
            }
            var sidecars = group.Sidecars.ToDictionary(s => s.Seq, s => s.Bytes);
            foreach (var entry in group.Entries)
            {
                if (next - first == EntriesMax)
                {
                    Forget(first + 1);
                }
                var sidecar = sidecars.GetValueOrDefault(entry.Entry.Seq);
                ring[next++ % EntriesMax] = (entry, sidecar);
                bytes += entry.Bytes.Length + sidecar.Length;
            }
            while (bytes > BytesMax)
            {
                Forget(first + 1);
            }
        }
    }

    /// <summary>What is here from a place on; null when that place is not.</summary>
    public IReadOnlyList<StoredEntry>? From(long seq, int max)
    {
        lock (gate)
        {
            if (seq < first || seq >= next)
            {
                return null;
            }
            var found = new StoredEntry[(int)Math.Min(max, next - seq)];
            for (var i = 0; i < found.Length; i++)
            {
                found[i] = ring[(seq + i) % EntriesMax].Entry!;
            }
            return found;
        }
    }

    /// <summary>The sidecars of a range; null when the range is not all here.</summary>
    public IReadOnlyDictionary<long, ReadOnlyMemory<byte>>? Sidecars(long firstSeq, long lastSeq)
    {
        lock (gate)
        {
            if (firstSeq < first || lastSeq >= next)
            {
                return null;
            }
            var found = new Dictionary<long, ReadOnlyMemory<byte>>();
            for (var seq = firstSeq; seq <= lastSeq; seq++)
            {
                if (ring[seq % EntriesMax].Sidecar is { IsEmpty: false } sidecar)
                {
                    found.Add(seq, sidecar);
                }
            }
            return found;
        }
    }

    private void Forget(long before)
    {
        for (; first < before; first++)
        {
            ref var held = ref ring[first % EntriesMax];
            bytes -= held.Entry!.Bytes.Length + held.Sidecar.Length;
            held = default;
        }
    }
}
