using EventLedger.Api.Host;
using EventLedger.Api.Provisioning.Records;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;

namespace EventLedger.Api.Provisioning.Answers;

/// <summary>Finds the block that an answer speaks as of: the newest one whose every entry the tables already hold, so that nothing is missing from a list.</summary>
public sealed class Snapshot(LedgerHead head, IEventStore store, RecordTables tables)
{
    /// <summary>The newest such block; height 0 before the first.</summary>
    public async Task<AsOf> Now(CancellationToken cancellation)
    {
        var header = head.Header;
        var position = await tables.Position(cancellation);
        if (header.Size <= position)
        {
            return Of(header);
        }
        // The first block that the tables do not hold in full; the one before it is whole.
        var behind = await store.BlockOf(position + 1, cancellation);
        var whole = behind is { Height: > 1 } ? await store.Block(behind.Height - 1, cancellation) : null;
        return whole is null ? new(0, 0, default) : new(whole.Height, whole.Size, whole.Time);
    }

    /// <summary>The block of an entry; null while it is not sealed.</summary>
    public async Task<SealView?> SealOf(long seq, AsOf asOf, CancellationToken cancellation) =>
        seq <= asOf.Size && await store.BlockOf(seq, cancellation) is { } block ? new(block.Height, block.Time) : null;

    private static AsOf Of(BlockHeader header) => new(header.Height, header.Size, header.Height == 0 ? default(LedgerTime) : header.Time);
}
