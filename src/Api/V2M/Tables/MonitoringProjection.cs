using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using EventLedger.EventStore.Projections;
using Npgsql;
using NpgsqlTypes;

namespace EventLedger.Api.V2M.Tables;

/// <summary>Keeps what supervisors ask: when each record was captured, signed and taken in, and how many entries of which kind came from whom in which minute.</summary>
public sealed class MonitoringProjection : Projection
{
    /// <summary>Its name, and that of its schema after <c>view_</c>.</summary>
    public const string ViewName = "monitoring";

    /// <inheritdoc/>
    public override string Name => ViewName;

    /// <inheritdoc/>
    public override string Tables => MonitorStatement.Text("tables");

    /// <inheritdoc/>
    public override async Task Apply(NpgsqlConnection connection, NpgsqlTransaction transaction, IReadOnlyList<StoredEntry> entries, CancellationToken cancellation)
    {
        var rows = new Rows();
        foreach (var entry in entries)
        {
            rows.Add(entry.Entry);
        }
        await using var batch = new NpgsqlBatch(connection, transaction);
        rows.AddTo(batch);
        await batch.PrepareAsync(cancellation);
        await batch.ExecuteNonQueryAsync(cancellation);
    }

    // Column by column, so that a batch of entries is two statements.
    private sealed class Rows
    {
        private readonly List<long> seqs = [], versions = [], recordSeqs = [];
        private readonly List<string> types = [], actors = [], issuers = [], formats = [], streams = [], kids = [];
        private readonly List<DateTimeOffset> times = [], issued = [], received = [];
        private readonly List<DateTimeOffset?> captured = [];
        private readonly List<Entry> acts = [], accesses = [];

        public void Add(Entry entry)
        {
            seqs.Add(entry.Seq);
            types.Add(entry.Type);
            actors.Add(entry.Actor);
            times.Add(entry.Time.Moment);
            if (EventTable.Types[entry.Type] == Proof.Supervision || entry.Type is EventTable.FindingRaised or EventTable.AlertRaised or EventTable.AlertCleared)
            {
                acts.Add(entry);
            }
            else if (entry.Type == EventTable.DataAccessed)
            {
                accesses.Add(entry);
            }
            else if (entry.Type == EventTable.SubmissionAccepted && RecordTimes.Read(entry) is { } record)
            {
                recordSeqs.Add(entry.Seq);
                versions.Add(entry.Version);
                issuers.Add(entry.Actor);
                formats.Add(record.Format);
                streams.Add(entry.Stream);
                kids.Add(record.Kid);
                captured.Add(record.Captured);
                issued.Add(record.Issued);
                received.Add(entry.Time.Moment);
            }
        }

        public void AddTo(NpgsqlBatch batch)
        {
            batch.BatchCommands.Add(Command("put_operations", types, actors, times, seqs));
            if (acts.Count > 0)
            {
                batch.BatchCommands.Add(Command("put_acts", acts.Select(a => a.Seq).ToArray(), acts.Select(a => a.Type).ToArray(), acts.Select(a => a.Stream).ToArray(),
                    acts.Select(a => a.Actor).ToArray(), acts.Select(a => a.Time.Moment).ToArray(), Json(acts)));
            }
            if (accesses.Count > 0)
            {
                batch.BatchCommands.Add(Command("put_accesses", accesses.Select(a => a.Seq).ToArray(), accesses.Select(a => a.Stream).ToArray(),
                    accesses.Select(a => a.Time.Moment).ToArray()));
            }
            if (recordSeqs.Count > 0)
            {
                batch.BatchCommands.Add(Command("put_times", recordSeqs, streams, versions, issuers, formats, kids, captured, issued, received));
            }
        }

        private static NpgsqlParameter Json(IEnumerable<Entry> entries) => new()
        {
            Value = entries.Select(e => System.Text.Encoding.UTF8.GetString(e.Data.Span)).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb,
        };

        private static NpgsqlBatchCommand Command(string statement, params ReadOnlySpan<object> values)
        {
            var command = new NpgsqlBatchCommand(MonitorStatement.Text(statement));
            foreach (var value in values)
            {
                command.Parameters.Add(value as NpgsqlParameter ?? new NpgsqlParameter { Value = value });
            }
            return command;
        }
    }
}
