using EventLedger.Api.Http;
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
        var upTo = changes.Where(c => c.Seq <= asOf.Size).ToList();
        // A revocation ends the records that stand then; one that is issued later is another.
        var revoked = upTo.FirstOrDefault(c => c.Change == RecordStatus.Revoked && c.Seq > record.Seq);
        var change = upTo.LastOrDefault();
        return change switch
        {
            _ when revoked is not null => new(RecordStatus.Revoked, revoked),
            _ when versions.Any(v => v.Seq > record.Seq && v.Seq <= asOf.Size) => new(RecordStatus.Superseded, null),
            { Change: RecordStatus.Suspended } => new(RecordStatus.Suspended, change),
            _ when record.Exp * 1000 <= asOf.Time.UnixMs => new(RecordStatus.Expired, null),
            _ => new(RecordStatus.Valid, change),
        };
    }
}
