using System.Text.Json;
using EventLedger.Domain.Ledger;
using Npgsql;

namespace EventLedger.Api.Provisioning.Records;

/// <summary>The four ways in which a record is used further on, gathered column by column. Source: ITU-T Y.4561 (08/2020) 6.2.6.</summary>
internal sealed class CirculationRows
{
    /// <summary>Event type of each verb.</summary>
    public static IReadOnlyDictionary<string, string> Types { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["reused"] = EventTable.DataReused, ["shared"] = EventTable.DataShared, ["circulated"] = EventTable.DataCirculated, ["exchanged"] = EventTable.DataExchanged,
    };

    private readonly List<long> seqs = [], records = [];
    private readonly List<string> verbs = [], actors = [], checksums = [];
    private readonly List<string?> recipients = [], purposes = [];
    private readonly List<DateTimeOffset> times = [];

    public static bool Is(string type) => Types.Values.Contains(type, StringComparer.Ordinal);

    // The host's word: validators hold it to its stream alone, so what has another form than this host's own is passed over.
    public void Add(Entry entry)
    {
        using var data = JsonDocument.Parse(entry.Data);
        var root = data.RootElement;
        if (!root.TryGetProperty("record", out var record) || record.ValueKind != JsonValueKind.Number || !record.TryGetInt64(out var seq) || Text(root, "by") is not { } actor
            || Text(root, "checksum") is not { } checksum)
        {
            return;
        }
        seqs.Add(entry.Seq);
        verbs.Add(Types.First(t => t.Value == entry.Type).Key);
        records.Add(seq);
        actors.Add(actor);
        recipients.Add(Text(root, "recipient"));
        purposes.Add(Text(root, "purpose"));
        checksums.Add(checksum);
        times.Add(entry.Time.Moment);
    }

    public IEnumerable<NpgsqlBatchCommand> Commands()
    {
        if (seqs.Count > 0)
        {
            yield return RecordRows.Command("put_circulations", seqs, verbs, records, actors, recipients, purposes, checksums, times);
        }
    }

    private static string? Text(JsonElement data, string name) => data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
