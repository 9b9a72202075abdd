using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Provisioning.Records;

/// <summary>The status of a record as of a sealed block, by the same rule as the validators' statement.</summary>
/// <param name="Status">One of <see cref="RecordStatus"/>.</param>
/// <param name="Change">The sealed change that made it so; null when none did.</param>
public sealed record Standing(string Status, ChangeRow? Change)
{
    /// <summary>Judges one record.</summary>
    /// <param name="record">The record, which is sealed.</param>
    /// <param name="versions">All records of its stream.</param>
    /// <param name="changes">All changes of its stream.</param>
    /// <param name="asOf">As of which block.</param>
    public static Standing Of(RecordRow record, IEnumerable<RecordRow> versions, IEnumerable<ChangeRow> changes, AsOf asOf)
    {
        var change = changes.LastOrDefault(c => c.Seq <= asOf.Size);
        return change switch
        {
            { Change: RecordStatus.Revoked } => new(RecordStatus.Revoked, change),
            _ when versions.Any(v => v.Seq > record.Seq && v.Seq <= asOf.Size) => new(RecordStatus.Superseded, null),
            { Change: RecordStatus.Suspended } => new(RecordStatus.Suspended, change),
            _ when record.Exp * 1000 <= asOf.Time.UnixMs => new(RecordStatus.Expired, null),
            _ => new(RecordStatus.Valid, change),
        };
    }
}

/// <summary>The sealed block that an answer speaks as of.</summary>
public sealed record AsOf(long Height, long Size, LedgerTime Time);
