using EventLedger.Domain.Ledger;
using Npgsql;

namespace EventLedger.Api.Provisioning.Records;

/// <summary>Changes of status gathered column by column.</summary>
internal sealed class ChangeRows
{
    private readonly List<long> seqs = [];
    private readonly List<string> streams = [], changes = [];
    private readonly List<string?> reasons = [];
    private readonly List<DateTimeOffset> times = [];

    public void Add(Entry entry)
    {
        if (ProjectedChange.Read(entry) is not { } change)
        {
            return;
        }
        seqs.Add(entry.Seq);
        streams.Add(entry.Stream);
        changes.Add(change.Change);
        reasons.Add(change.Reason);
        times.Add(entry.Time.Moment);
    }

    public IEnumerable<NpgsqlBatchCommand> Commands()
    {
        if (seqs.Count > 0)
        {
            yield return RecordRows.Command("put_changes", seqs, streams, changes, reasons, times);
        }
    }
}
