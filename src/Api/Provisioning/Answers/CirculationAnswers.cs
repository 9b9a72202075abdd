using System.Globalization;
using System.Text.Json.Nodes;
using EventLedger.Api.Host;
using EventLedger.Api.Identity;
using EventLedger.Api.Provisioning.Records;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using Npgsql;

namespace EventLedger.Api.Provisioning.Answers;

/// <summary>Where records went.</summary>
/// <param name="Counts">How often each verb was used, exactly: reused, shared, circulated, exchanged.</param>
/// <param name="Items">In log order.</param>
/// <param name="Next">Address of the next page; null on the last.</param>
public sealed record CirculationPage(IReadOnlyDictionary<string, long> Counts, IReadOnlyList<CirculationView> Items, string? Next);

/// <summary>One use of a record further on.</summary>
/// <param name="Entry">Place of its event.</param>
/// <param name="Verb">reused, shared, circulated or exchanged.</param>
/// <param name="Record">Which record.</param>
/// <param name="By">Digest that stands for who said so: the same party always has the same.</param>
/// <param name="Recipient">To whom it went; null where that was not said.</param>
/// <param name="Purpose">What for; null where that was not said.</param>
/// <param name="Checksum">SHA-256 of what arrived, by the word of the party.</param>
/// <param name="Time">When.</param>
public sealed record CirculationView(long Entry, string Verb, long Record, string By, string? Recipient, string? Purpose, string Checksum, LedgerTime Time);

/// <summary>Notes and lists the four verbs of ITU-T Y.4561 (08/2020) 6.2.6.</summary>
public sealed class CirculationAnswers(NpgsqlDataSource database, RecordTables tables, IEventStore store, HostKeys keys, Genesis genesis)
{
    private const int LimitMax = 1000, TextLengthMax = 200;

    /// <summary>Notes that a record was used further on.</summary>
    /// <param name="caller">Whose word it is.</param>
    /// <param name="record">Id of the record.</param>
    /// <param name="said"><c>{verb, checksum, recipient?, purpose?}</c>.</param>
    /// <param name="cancellation">Stops waiting.</param>
    public async Task<Answer<CirculationView>> Note(Caller caller, long record, JsonObject said, CancellationToken cancellation)
    {
        if (Text(said["verb"]) is not { } verb || !CirculationRows.Types.TryGetValue(verb, out var type) || !Digest.TryParse(Text(said["checksum"]) ?? "", out var checksum)
            || Text(said["recipient"]) is { Length: > TextLengthMax } || Text(said["purpose"]) is { Length: > TextLengthMax })
        {
            return new Problem("query-malformed", $"The body is {{\"verb\": {string.Join(" | ", CirculationRows.Types.Keys)}, \"checksum\": SHA-256 in hex of what arrived, \"recipient\"?: …, \"purpose\"?: …}}.");
        }
        if (await tables.Record(record, cancellation) is not { } row)
        {
            return new Problem("seq-unknown", $"There is no record {record}.");
        }
        var by = Digest.Of($"{genesis.Chain}\n{caller.Id}").ToString();
        var data = new JsonObject { ["by"] = by, ["checksum"] = checksum.ToString(), ["record"] = record };
        foreach (var name in (string[])["purpose", "recipient"])
        {
            if (Text(said[name]) is { } text)
            {
                data[name] = text;
            }
        }
        var @event = new NewEvent(type, keys.Host.Name, Jcs.Bytes(data));
        var stream = EventTable.StreamOf(type, Digest.Of(row.Stream).ToString());
        for (var version = 0L; ;)
        {
            switch (await store.Append(new(stream, version, @event), cancellation))
            {
                case AppendResult.Appended done:
                    var entry = done.Entries[0].Entry;
                    return new CirculationView(entry.Seq, verb, record, by, Text(said["recipient"]), Text(said["purpose"]), checksum.ToString(), entry.Time);
                case AppendResult.VersionConflict conflict:
                    version = conflict.Actual;
                    break;
                case AppendResult.ReadOnly closed:
                    return new Problem("read-only", closed.Reason);
            }
        }
    }

    /// <summary>A page.</summary>
    public async Task<Answer<CirculationPage>> Page(string? verb, long? record, int limit, long after, CancellationToken cancellation)
    {
        if (limit is < 1 or > LimitMax || after < 0 || (verb is not null && !CirculationRows.Types.ContainsKey(verb)))
        {
            return new Problem("query-malformed", $"'verb' is {string.Join(", ", CirculationRows.Types.Keys)}, 'limit' 1 to {LimitMax}, 'after' an entry.");
        }
        var counted = await Statement.Read(database, "circulation_counts", row => (Verb: row.GetString(0), Count: row.GetInt64(1)), cancellation, record);
        var items = await Items(verb, record, limit, after, cancellation);
        QueryString? next = items.Count < limit ? null : QueryString.Create(new Dictionary<string, string?>
        {
            ["verb"] = verb, ["record"] = record?.ToString(CultureInfo.InvariantCulture), ["limit"] = limit.ToString(CultureInfo.InvariantCulture),
            ["after"] = items[^1].Entry.ToString(CultureInfo.InvariantCulture),
        }.Where(q => q.Value is not null));
        return new CirculationPage(CirculationRows.Types.Keys.ToDictionary(v => v, v => counted.Find(c => c.Verb == v).Count), items, next is null ? null : $"/u2s/v1/circulations{next}");
    }

    /// <summary>Uses in log order.</summary>
    public Task<List<CirculationView>> Items(string? verb, long? record, int limit, long after, CancellationToken cancellation) => Statement.Read(database, "circulations",
        row => new CirculationView(row.GetInt64(0), row.GetString(1), row.GetInt64(2), row.GetString(3), row.IsDBNull(4) ? null : row.GetString(4), row.IsDBNull(5) ? null : row.GetString(5),
            row.GetString(6), LedgerTime.From(row.GetFieldValue<DateTimeOffset>(7))), cancellation, verb, record, after, (long)limit);

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) && text.Length > 0 ? text : null;
}
