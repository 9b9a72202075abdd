namespace EventLedger.Api.V2M.Live;

/// <summary>The newest items of one gapless series, bounded in number and bytes. Whoever asks for older ones is sent to the store.</summary>
internal sealed class Kept(int countMax, long bytesMax)
{
    private readonly Lock gate = new();
    private readonly LiveItem?[] ring = new LiveItem[countMax];
    private long first = 1, next = 1, bytes;

    /// <summary>Place of the next item.</summary>
    public long Next
    {
        get
        {
            lock (gate)
            {
                return next;
            }
        }
    }

    /// <summary>Begins after a place: what lies at or before it is only in the store.</summary>
    public void Begin(long place)
    {
        lock (gate)
        {
            (first, next, bytes) = (place + 1, place + 1, 0);
        }
    }

    public void Add(LiveItem item)
    {
        lock (gate)
        {
            while (next - first >= countMax || (bytes > bytesMax && first < next))
            {
                bytes -= ring[first % countMax]!.SizeBytes;
                ring[first % countMax] = null;
                first++;
            }
            ring[next % countMax] = item;
            bytes += item.SizeBytes;
            next++;
        }
    }

    /// <summary>What there is from a place on; null when that place is no longer kept.</summary>
    public IReadOnlyList<LiveItem>? From(long place, int max)
    {
        lock (gate)
        {
            if (place < first)
            {
                return null;
            }
            var items = new LiveItem[Math.Clamp(next - place, 0, max)];
            for (var i = 0; i < items.Length; i++)
            {
                items[i] = ring[(place + i) % countMax]!;
            }
            return items;
        }
    }
}
