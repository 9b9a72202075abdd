using EventLedger.EventStore;
using Npgsql;
using NpgsqlTypes;

namespace EventLedger.Api.Provisioning.Records;

/// <summary>Rows gathered column by column, so that a whole batch goes in as one statement.</summary>
internal sealed class RecordRows
{
    private readonly List<long> seqs = [], versions = [], formatVersions = [];
    private readonly List<string> streams = [], issuers = [], formats = [], jtis = [], kids = [], numbers = [], titles = [], claims = [];
    private readonly List<string?> metadata = [];
    private readonly List<bool> lifecycles = [];
    private readonly List<long?> exps = [], indexes = [];
    private readonly List<string?> uris = [];
    private readonly List<DateTimeOffset> times = [];
    private readonly List<byte[]> leaves = [];
    private readonly List<string> linkNames = [], linkValues = [];
    private readonly List<long> linkSeqs = [];

    public void Add(StoredEntry stored, ProjectedRecord record, FormatShape format)
    {
        var entry = stored.Entry;
        seqs.Add(entry.Seq);
        streams.Add(entry.Stream);
        versions.Add(entry.Version);
        issuers.Add(record.Iss);
        formats.Add(format.Id);
        formatVersions.Add(format.Version);
        lifecycles.Add(format.HasLifecycle);
        jtis.Add(record.Jti);
        kids.Add(record.Kid);
        numbers.Add(record.Number);
        titles.Add(record.Title);
        claims.Add(record.Claims);
        metadata.Add(record.Metadata);
        exps.Add(record.Exp);
        indexes.Add(record.StatusIndex);
        uris.Add(record.StatusUri);
        times.Add(entry.Time.Moment);
        leaves.Add(stored.Leaf.ToArray());
        foreach (var (name, value) in record.Links)
        {
            linkNames.Add(name);
            linkValues.Add(value);
            linkSeqs.Add(entry.Seq);
        }
    }

    public IEnumerable<NpgsqlBatchCommand> Commands()
    {
        if (seqs.Count > 0)
        {
            yield return Command("put_records", seqs, streams, versions, issuers, formats, formatVersions, lifecycles, jtis, kids, numbers, titles,
                Json(claims), Json(metadata), exps, indexes, uris, times, leaves);
        }
        if (linkSeqs.Count > 0)
        {
            yield return Command("put_links", linkNames, linkValues, linkSeqs);
        }
    }

    public static NpgsqlBatchCommand Command(string statement, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlBatchCommand(Statement.Text(statement));
        foreach (var value in values)
        {
            command.Parameters.Add(value as NpgsqlParameter ?? new NpgsqlParameter { Value = value });
        }
        return command;
    }

    public static NpgsqlParameter Json<T>(List<T> values) => new() { Value = values, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb };
}
