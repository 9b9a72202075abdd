using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Host;
using EventLedger.Api.KeyVault;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using Npgsql;

namespace EventLedger.Api.R2D;

/// <summary>A draft that one registrar signed and a second one is to sign; nothing in it changes while it waits.</summary>
/// <param name="Id">The first 16 bytes of what both sign, in hex: the same draft kept twice is one.</param>
/// <param name="Organisation">Whose registrars see it.</param>
/// <param name="Since">When the first one signed.</param>
/// <param name="By">The first one's pseudonym.</param>
/// <param name="Payload">The payload without assertion.</param>
/// <param name="Disclosures">What the record hides; empty once it is in the log.</param>
/// <param name="Nonce">16 random bytes in base64url.</param>
/// <param name="Exp">Until when it may be signed.</param>
/// <param name="Version">Version of the record's stream that the first one saw.</param>
/// <param name="Signatures">One, or two where the second one signed already.</param>
/// <param name="Seq">Its entry; null while it waits.</param>
public sealed record WaitingDraft(string Id, string Organisation, LedgerTime Since, string By, JsonObject Payload, IReadOnlyList<string> Disclosures, string Nonce, LedgerTime Exp, long Version,
    JsonArray Signatures, long? Seq)
{
    /// <summary>The assertion so far, perhaps with one signature more.</summary>
    public JsonObject Assertion(JsonNode? more = null) => new()
    {
        ["nonce"] = Nonce, ["exp"] = Exp.ToString(), ["signatures"] = new JsonArray([.. Signatures.Append(more).Where(s => s is not null).Select(s => s!.DeepClone())]),
    };
}

/// <summary>
/// Drafts that wait for a second registrar, in the database, so that people sign at other desks and through other hosts. What a record hides is encrypted as
/// in a sidecar, under a key that is destroyed when the draft is signed, thrown away or over.
/// </summary>
public sealed class WaitingStore(NpgsqlDataSource database, IKeyVault vault, Genesis genesis, TimeProvider clock, ILogger<WaitingStore> log) : BackgroundService
{
    private const int PageMax = 200;

    // What both signed is in the ledger; here it only tells the first one for a while where it went.
    private static readonly TimeSpan SignedKept = TimeSpan.FromDays(30), SweepEvery = TimeSpan.FromMinutes(1);

    /// <summary>Keeps a draft; one that waits already is left as it is.</summary>
    public async Task Add(WaitingDraft draft, CancellationToken cancellation)
    {
        var text = new JsonObject { ["payload"] = draft.Payload.DeepClone(), ["nonce"] = draft.Nonce, ["version"] = draft.Version }.ToJsonString();
        byte[]? hidden = null;
        if (draft.Disclosures.Count > 0)
        {
            var key = (await vault.KeysOf([Owner(draft.Id)], cancellation))[0];
            hidden = Sidecar.Seal(key.Key, key.Id, RandomNumberGenerator.GetBytes(12), Sidecar.AssociatedData(genesis.Chain, text), draft.Disclosures);
        }
        await database.Run("insert into host.registrar_waiting (id, organisation, since, until, by, draft, hidden, signatures) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing",
            cancellation, draft.Id, draft.Organisation, draft.Since.Moment, draft.Exp.Moment, draft.By, text, hidden, draft.Signatures.ToJsonString());
    }

    /// <summary>One draft of an organisation; null when there is none, or none any more.</summary>
    public async Task<WaitingDraft?> Find(string id, string organisation, CancellationToken cancellation)
    {
        var rows = await database.Read(
            "select id, organisation, since, until, by, draft, hidden, signatures, seq from host.registrar_waiting where id = $1 and organisation = $2 and signatures <> '[]' and (seq is not null or until > $3)",
            Read, cancellation, id, organisation, clock.GetUtcNow());
        return rows.Count == 0 ? null : Open(rows[0]);
    }

    /// <summary>What waits in an organisation, oldest first, and how many in all.</summary>
    public async Task<(IReadOnlyList<WaitingDraft> Items, long Total)> List(string organisation, CancellationToken cancellation)
    {
        var rows = await database.Read(
            "select id, organisation, since, until, by, draft, null::bytea, signatures, seq, count(*) over () from host.registrar_waiting where organisation = $1 and signatures <> '[]' and seq is null and until > $2 order by since, id limit $3",
            row => (Read(row).Draft, Total: row.GetInt64(9)), cancellation, organisation, clock.GetUtcNow(), PageMax);
        return ([.. rows.Select(r => r.Draft)], rows.Count == 0 ? 0 : rows[0].Total);
    }

    /// <summary>Keeps the second signature where there is none yet: of two who sign at the same moment one is the second.</summary>
    public Task Complete(WaitingDraft draft, JsonArray both, CancellationToken cancellation) =>
        database.Run("update host.registrar_waiting set signatures = $2 where id = $1 and signatures = $3", cancellation, draft.Id, both.ToJsonString(), draft.Signatures.ToJsonString());

    /// <summary>Notes where it went, and forgets what it hid: it is in the log, so nobody's patience ends this.</summary>
    public async Task Close(string id, long seq)
    {
        await database.Run("update host.registrar_waiting set seq = $2 where id = $1", CancellationToken.None, id, seq);
        await Forget(id, CancellationToken.None);
    }

    /// <summary>Forgets a draft that nobody else has signed; false when somebody has, or it is gone.</summary>
    public async Task<bool> Remove(WaitingDraft draft, CancellationToken cancellation)
    {
        if (await database.Run("update host.registrar_waiting set signatures = '[]' where id = $1 and signatures = $2", cancellation, draft.Id, draft.Signatures.ToJsonString()) == 0)
        {
            return false;
        }
        await Forget(draft.Id, CancellationToken.None);
        return true;
    }

    /// <summary>Forgets what is over, and finishes what a host that died had begun to forget.</summary>
    public async Task Sweep(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        await database.Run("update host.registrar_waiting set signatures = '[]' where seq is null and until < $1", cancellation, now);
        foreach (var id in await database.Read("select id from host.registrar_waiting where signatures = '[]' or (seq is not null and hidden is not null)", row => row.GetString(0), cancellation))
        {
            await Forget(id, cancellation);
        }
        await database.Run("delete from host.registrar_waiting where seq is not null and until < $1", cancellation, now - SignedKept);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(SweepEvery, clock);
        do
        {
            try
            {
                await Sweep(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or IOException)
            {
                log.LogWarning(e, "What is over among the drafts that wait could not be forgotten; tried again in {Interval}.", SweepEvery);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    // The key goes before the row that knows whose it is.
    private async Task Forget(string id, CancellationToken cancellation)
    {
        await vault.Destroy(Owner(id), cancellation);
        await database.Run("update host.registrar_waiting set hidden = null where id = $1", cancellation, id);
        await database.Run("delete from host.registrar_waiting where id = $1 and signatures = '[]'", cancellation, id);
    }

    private WaitingDraft? Open((WaitingDraft Draft, string Text, byte[]? Hidden) row) =>
        row.Hidden is null || row.Draft.Seq is not null ? row.Draft
        : Sidecar.KeyId(row.Hidden) is { } id && vault.Find(id) is { } key && Sidecar.Open(key.Key, Sidecar.AssociatedData(genesis.Chain, row.Text), row.Hidden) is { } disclosures
            ? row.Draft with { Disclosures = disclosures }
            : null;

    private static (WaitingDraft Draft, string Text, byte[]? Hidden) Read(NpgsqlDataReader row)
    {
        var text = row.GetString(5);
        using var draft = JsonDocument.Parse(text);
        var json = draft.RootElement;
        return (new(row.GetString(0), row.GetString(1), LedgerTime.From(row.GetFieldValue<DateTimeOffset>(2)), row.GetString(4), (JsonObject)JsonNode.Parse(json.GetProperty("payload").GetRawText())!, [],
            json.GetProperty("nonce").GetString()!, LedgerTime.From(row.GetFieldValue<DateTimeOffset>(3)), json.GetProperty("version").GetInt64(), (JsonArray)JsonNode.Parse(row.GetString(7))!,
            row.IsDBNull(8) ? null : row.GetInt64(8)), text, row.IsDBNull(6) ? null : row.GetFieldValue<byte[]>(6));
    }

    private static KeyOwner Owner(string id) => new($"draft\n{id}");
}
