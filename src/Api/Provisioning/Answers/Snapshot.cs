using EventLedger.Api.Host;
using EventLedger.Api.Http;
using EventLedger.Api.Provisioning.Records;
using EventLedger.EventStore;
using EventLedger.EventStore.Projections;

namespace EventLedger.Api.Provisioning.Answers;

/// <summary>Finds the block that an answer speaks as of: the newest one whose every entry the tables already hold, so that nothing is missing from a list.</summary>
public sealed class Snapshot(LedgerHead head, IEventStore store, ProjectionDaemon projections)
{
    // The tables are a few milliseconds behind the log; who is not, has stopped, and then older answers are better than none.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>The newest such block; height 0 before the first.</summary>
    public async Task<AsOf> Now(CancellationToken cancellation)
    {
        var header = head.Header;
        if (await projections.WaitFor(RecordsProjection.ViewName, header.Size, Patience, cancellation))
        {
            return new(header.Height, header.Size, header.Time);
        }
        // The first block that the tables do not hold in full; the one before it is whole.
        var seen = projections.States.First(s => s.Name == RecordsProjection.ViewName).Seq;
        var behind = await store.BlockOf(seen + 1, cancellation);
        var whole = behind is { Height: > 1 } ? await store.Block(behind.Height - 1, cancellation) : null;
        return whole is null ? new(0, 0, default) : new(whole.Height, whole.Size, whole.Time);
    }

    /// <summary>The block of an entry; null while it is not sealed.</summary>
    public async Task<SealView?> SealOf(long seq, AsOf asOf, CancellationToken cancellation) =>
        seq <= asOf.Size && await store.BlockOf(seq, cancellation) is { } block ? new(block.Height, block.Time) : null;
}
