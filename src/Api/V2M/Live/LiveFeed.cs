using System.Runtime.CompilerServices;
using EventLedger.EventStore;
using Microsoft.AspNetCore.SignalR;

namespace EventLedger.Api.V2M.Live;

/// <summary>The feed as one subscriber sees it: entries in log order, each block right after the last entry that it seals, from any position on.</summary>
public sealed class LiveFeed(LiveTail tail, IEventStore store, ILogger<LiveFeed> log)
{
    /// <summary>Most items of a page.</summary>
    public const int ItemsMax = 256;

    // So many entries that a filter holds back move the position on, so that a resumption need not read them again.
    private const int HeldBackMax = 4096;

    /// <summary>Where the feed ends at present: who follows from here sees only what is to come.</summary>
    public LivePosition End => tail.End;

    /// <summary>
    /// Whether the store holds an entry and a block, though this host's tail may not know of them yet: a subscriber may come from a host that is a moment ahead.
    /// Whoever has seen more than the store holds was at another ledger, or this one was restored from less.
    /// </summary>
    public async Task<bool> Reaches(long? seq, long? height, CancellationToken cancellation) =>
        !((await store.Head(cancellation)).Seq < seq) && !(((await store.LatestBlock(cancellation))?.Height ?? 0) < height);

    /// <summary>The last block that was complete before an entry: who goes on from that entry has seen the blocks up to it.</summary>
    public async Task<long> HeightBefore(long seq)
    {
        var (low, high) = (0L, tail.End.Height);
        while (low < high)
        {
            var middle = low + (high - low + 1) / 2;
            (low, high) = (await tail.Blocks(middle, 1))[0].Size < seq ? (middle, high) : (low, middle - 1);
        }
        return low;
    }

    /// <summary>Pages from a position on, until cancelled. The next page is made when the one before was taken, so a slow reader reads larger pages later.</summary>
    /// <param name="filter">What is wanted.</param>
    /// <param name="from">The last entry and block that the reader has.</param>
    /// <param name="cancellation">Ends the feed.</param>
    public async IAsyncEnumerable<LivePage> Follow(LiveFilter filter, LivePosition from, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var seat = tail.Join();
        var (at, shown, heldBack) = (from, 0L, 0);
        while (true)
        {
            var changed = tail.Changed;
            var items = new List<LiveItem>();
            if (tail.Health is { } health && health.Place > shown)
            {
                shown = health.Place;
                Add(items, health, filter);
            }
            var before = at;
            at = await Next(at, items, filter);
            heldBack += (int)(at.Seq - before.Seq);
            if (items.Count > 0 || heldBack > HeldBackMax)
            {
                heldBack = 0;
                yield return new(at, items, filter.Entries);
            }
            else if (at == before)
            {
                await changed.WaitAsync(cancellation);
            }
            cancellation.ThrowIfCancellationRequested();
        }
    }

    private async Task<LivePosition> Next(LivePosition at, List<LiveItem> items, LiveFilter filter)
    {
        try
        {
            return await Merge(at, items, filter);
        }
        catch (Exception e)
        {
            log.LogWarning(e, "A subscriber of the live feed asked for what the store does not give at present.");
            throw new HubException("database-unavailable: older entries cannot be read at present; go on from the last position in a moment.");
        }
    }

    private async Task<LivePosition> Merge(LivePosition at, List<LiveItem> items, LiveFilter filter)
    {
        var blocks = await tail.Blocks(at.Height + 1, ItemsMax);
        var entries = await tail.Entries(at.Seq + 1, ItemsMax);
        var (block, entry) = (0, 0);
        while (items.Count < ItemsMax)
        {
            if (block < blocks.Count && blocks[block].Size <= at.Seq)
            {
                Add(items, blocks[block++], filter);
                at = at with { Height = at.Height + 1 };
            }
            else if (entry < entries.Count)
            {
                Add(items, entries[entry++], filter);
                at = at with { Seq = at.Seq + 1 };
            }
            else
            {
                break;
            }
        }
        return at;
    }

    private static void Add(List<LiveItem> items, LiveItem item, LiveFilter filter)
    {
        if (filter.Passes(item))
        {
            items.Add(item);
        }
    }
}
