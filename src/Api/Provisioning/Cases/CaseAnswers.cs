using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EventLedger.Api.Host;
using EventLedger.Api.Identity;
using EventLedger.Api.Provisioning.Answers;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using Npgsql;

namespace EventLedger.Api.Provisioning.Cases;

/// <summary>A request that people answer.</summary>
/// <param name="Id">Its number, by which both sides speak of it.</param>
/// <param name="Kind">access, correction, dispute, erasure or report.</param>
/// <param name="State">open or answered.</param>
/// <param name="Opened">When.</param>
/// <param name="Entry">The entry that holds the digest of <paramref name="Content"/>: that it was asked, and when, cannot be denied.</param>
/// <param name="Content">What was asked, with the salt that makes the digest: SHA-256 of its canonical JSON.</param>
/// <param name="Answered">When it was answered; null while it is open.</param>
/// <param name="AnswerEntry">The entry that holds the digest of <paramref name="Answer"/>; null while it is open.</param>
/// <param name="Answer">The answer; null while it is open.</param>
public sealed record CaseView(string Id, string Kind, string State, LedgerTime Opened, long Entry, JsonNode Content, LedgerTime? Answered, long? AnswerEntry, JsonNode? Answer);

/// <summary>Cases, newest first.</summary>
/// <param name="Total">How many.</param>
/// <param name="Items">At most 200.</param>
public sealed record CaseList(long Total, IReadOnlyList<CaseView> Items);

/// <summary>A report of anybody that something is wrong or forged, as whoever has its number may see it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="State">open or answered.</param>
/// <param name="Opened">When.</param>
/// <param name="Entry">The entry that holds the digest of what was reported: that it was, and when, cannot be denied.</param>
/// <param name="Content">What was reported, with the salt that makes the digest; only in the answer to whoever reported it.</param>
/// <param name="Answered">When it was answered; null while it is open.</param>
/// <param name="AnswerEntry">The entry that holds the digest of the answer; null while it is open.</param>
/// <param name="Outcome">granted, refused or done; null while it is open.</param>
/// <param name="Text">The answer in words; null while it is open.</param>
public sealed record ReportView(string Id, string State, LedgerTime Opened, long Entry, JsonNode? Content, LedgerTime? Answered, long? AnswerEntry, string? Outcome, string? Text);

/// <summary>Takes requests that no query answers, and sees to it that neither asking nor answering can be denied. Source: ITU-T Y.4561 (08/2020) 7.2.2.</summary>
public sealed class CaseAnswers(NpgsqlDataSource database, IEventStore store, HostKeys keys, TimeProvider clock) : IDisposable
{
    private const int TextLengthMax = 4000, LineLengthMax = 200, PageMax = 200;

    // Reports have no owner: whoever made one is not asked who they are.
    private const string ReportKind = "report", Anybody = "(anybody)";

    private const string Columns = "id, kind, opened, content, opened_seq, answered, answer, answered_seq";

    /// <summary>What can be asked.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["access", "correction", "dispute", "erasure"];

    private static readonly string[] Outcomes = ["granted", "refused", "done"];

    private readonly SemaphoreSlim one = new(1);

    /// <summary>Opens a case.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="asked"><c>{kind, text, record?, format?, fields?, purpose?}</c>.</param>
    /// <param name="cancellation">Stops waiting.</param>
    public async Task<Answer<CaseView>> Open(Caller caller, JsonObject asked, CancellationToken cancellation)
    {
        if (Text(asked["kind"]) is not { } kind || !Kinds.Contains(kind) || Text(asked["text"]) is not { Length: > 0 and <= TextLengthMax }
            || asked.Any(m => m.Key is not ("kind" or "text" or "record" or "format" or "fields" or "purpose")))
        {
            return new Problem("query-malformed", $"The body is {{\"kind\": {string.Join(" | ", Kinds)}, \"text\": 1 to {TextLengthMax} characters, \"record\"?, \"format\"?, \"fields\"?, \"purpose\"?}}.");
        }
        var (id, now) = (Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), clock.GetUtcNow());
        var content = Salted(asked);
        if (await Note(EventTable.CaseOpened, id, new() { ["kind"] = kind, ["digest"] = Digest.Of(Jcs.Bytes(content)).ToString() }, cancellation) is not { } seq)
        {
            return new Problem("read-only", store.ReadOnlyReason ?? "The ledger takes nothing in at present.");
        }
        await database.Run("insert into host.cases (id, owner, kind, opened, content, opened_seq) values ($1, $2, $3, $4, $5, $6)", cancellation,
            id, caller.Id, kind, now, content.ToJsonString(), seq);
        return (await Find(caller, id, cancellation)).Value!;
    }

    /// <summary>Takes a report of anybody. What is said stays with the host; the ledger holds a salted digest.</summary>
    /// <param name="said"><c>{text, about?, contact?}</c>.</param>
    /// <param name="key">The form's own key: the same a second time gives the first number again. Null: each call is a report of its own.</param>
    /// <param name="cancellation">Stops waiting.</param>
    public async Task<Answer<ReportView>> Report(JsonObject said, string? key, CancellationToken cancellation)
    {
        if (Text(said["text"]) is not { Length: > 0 and <= TextLengthMax } || said.Any(m => m.Key is not ("text" or "about" or "contact"))
            || said.Any(m => m.Key != "text" && Text(m.Value) is not { Length: <= LineLengthMax }))
        {
            return new Problem("query-malformed", $"The body is {{\"text\": 1 to {TextLengthMax} characters, \"about\"?: a number or address, \"contact\"?: how to reach you}}.");
        }
        await one.WaitAsync(cancellation);
        try
        {
            var id = key is null ? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)) : Digest.Of($"{ReportKind}\n{key}").ToString()[..16];
            if (await Row(id, cancellation) is not { } row)
            {
                var content = Salted(said);
                if (await Note(EventTable.CaseOpened, id, new() { ["kind"] = ReportKind, ["digest"] = Digest.Of(Jcs.Bytes(content)).ToString() }, cancellation) is not { } seq)
                {
                    return new Problem("read-only", store.ReadOnlyReason ?? "The ledger takes nothing in at present.");
                }
                await database.Run("insert into host.cases (id, owner, kind, opened, content, opened_seq) values ($1, $2, $3, $4, $5, $6)", cancellation,
                    id, Anybody, ReportKind, clock.GetUtcNow(), content.ToJsonString(), seq);
                row = (await Row(id, cancellation))!;
            }
            return Public(row) with { Content = row.Content };
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>Where a report stands, for whoever has its number.</summary>
    public async Task<Answer<ReportView>> Reported(string id, CancellationToken cancellation) =>
        await Row(id, cancellation) is { Kind: ReportKind } row ? Public(row) : Unknown(id);

    /// <inheritdoc/>
    public void Dispose() => one.Dispose();

    /// <summary>Answers a case, once.</summary>
    /// <param name="caller">An operator.</param>
    /// <param name="id">The case.</param>
    /// <param name="said"><c>{outcome, text}</c>.</param>
    /// <param name="cancellation">Stops waiting.</param>
    public async Task<Answer<CaseView>> Reply(Caller caller, string id, JsonObject said, CancellationToken cancellation)
    {
        if (Text(said["outcome"]) is not { } outcome || !Outcomes.Contains(outcome) || Text(said["text"]) is not { Length: > 0 and <= TextLengthMax } text || said.Count != 2)
        {
            return new Problem("query-malformed", $"The body is {{\"outcome\": {string.Join(" | ", Outcomes)}, \"text\": 1 to {TextLengthMax} characters}}.");
        }
        if ((await Find(caller, id, cancellation)).Value is not { } known)
        {
            return Unknown(id);
        }
        if (known.Answered is not null)
        {
            return new Problem("case-answered", $"Case {id} was answered at {known.Answered}. What comes later is another case.");
        }
        var answer = Salted(new() { ["outcome"] = outcome, ["text"] = text });
        if (await Note(EventTable.CaseAnswered, id, new() { ["digest"] = Digest.Of(Jcs.Bytes(answer)).ToString(), ["outcome"] = outcome }, cancellation) is not { } seq)
        {
            return new Problem("read-only", store.ReadOnlyReason ?? "The ledger takes nothing in at present.");
        }
        await database.Run("update host.cases set answered = $2, answer = $3, answered_seq = $4 where id = $1 and answered is null", cancellation, id, clock.GetUtcNow(), answer.ToJsonString(), seq);
        return (await Find(caller, id, cancellation)).Value!;
    }

    /// <summary>One case: the asker's own, or any for operators and supervisors.</summary>
    public async Task<Answer<CaseView>> Find(Caller caller, string id, CancellationToken cancellation) =>
        (await database.Read($"select {Columns} from host.cases where id = $1 and ($3 or owner = $2)", View, cancellation, id, caller.Id, SeesAll(caller))).FirstOrDefault() is { } view
            ? view
            : Unknown(id);

    /// <summary>One's own cases; all for operators and supervisors.</summary>
    public async Task<CaseList> List(Caller caller, CancellationToken cancellation)
    {
        var total = await database.Read("select count(*) from host.cases where $2 or owner = $1", row => row.GetInt64(0), cancellation, caller.Id, SeesAll(caller));
        return new(total[0], await database.Read($"select {Columns} from host.cases where $2 or owner = $1 order by opened desc, id limit {PageMax}", View, cancellation, caller.Id, SeesAll(caller)));
    }

    private async Task<CaseView?> Row(string id, CancellationToken cancellation) =>
        (await database.Read($"select {Columns} from host.cases where id = $1", View, cancellation, id)).FirstOrDefault();

    private static ReportView Public(CaseView row) =>
        new(row.Id, row.State, row.Opened, row.Entry, null, row.Answered, row.AnswerEntry, Text(row.Answer?["outcome"]), Text(row.Answer?["text"]));

    private async Task<long?> Note(string type, string id, JsonObject data, CancellationToken cancellation)
    {
        var @event = new NewEvent(type, keys.Host.Name, Jcs.Bytes(data));
        for (var version = 0L; ;)
        {
            switch (await store.Append(new(EventTable.StreamOf(type, id), version, @event), cancellation))
            {
                case AppendResult.Appended done:
                    return done.Entries[0].Entry.Seq;
                case AppendResult.VersionConflict conflict:
                    version = conflict.Actual;
                    break;
                default:
                    return null;
            }
        }
    }

    // Without salt a short text could be guessed from its digest.
    private static JsonObject Salted(JsonObject content)
    {
        var salted = (JsonObject)content.DeepClone();
        salted["salt"] = B64.Encode(RandomNumberGenerator.GetBytes(16));
        return salted;
    }

    private static CaseView View(NpgsqlDataReader row) => new(row.GetString(0), row.GetString(1), row.IsDBNull(5) ? "open" : "answered", LedgerTime.From(row.GetFieldValue<DateTimeOffset>(2)),
        row.GetInt64(4), JsonNode.Parse(row.GetString(3))!, row.IsDBNull(5) ? null : LedgerTime.From(row.GetFieldValue<DateTimeOffset>(5)), row.IsDBNull(7) ? null : row.GetInt64(7),
        row.Text(6) is { } answer ? JsonNode.Parse(answer) : null);

    private static bool SeesAll(Caller caller) => caller.Is(Role.Operator) || caller.Is(Role.Supervisor);

    private static Problem Unknown(string id) => new("case-unknown", $"There is no case {id}, or it is another party's.");

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
