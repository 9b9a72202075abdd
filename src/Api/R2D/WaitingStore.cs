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
/// <param name="Id">What both sign, in base64url.</param>
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
public sealed class WaitingStore(NpgsqlDataSource database, IKeyVault vault, Genesis genesis, TimeProvider clock)
{
    private const int PageMax = 200;

    /// <summary>Keeps a draft; one that waits already is left as it is.</summary>
    public async Task Add(WaitingDraft draft, CancellationToken cancellation)
    {
        await Sweep(cancellation);
        var text = new JsonObject { ["payload"] = draft.Payload.DeepClone(), ["nonce"] = draft.Nonce, ["version"] = draft.Version }.ToJsonString();
        byte[]? hidden = null;
        if (draft.Disclosures.Count > 0)
        {
            var key = (await vault.KeysOf([Owner(draft.Id)], cancellation))[0];
            hidden = Sidecar.Seal(key.Key, key.Id, RandomNumberGenerator.GetBytes(12), Sidecar.AssociatedData(genesis.Chain, text), draft.Disclosures);
        }
        await database.Run("insert into host.registrar_waiting (id, organisation, since, until, by, draft, hidden, signatures, seq) values ($1, $2, $3, $4, $5, $6, $7, $8, null) on conflict do nothing", cancellation,
            draft.Id, draft.Organisation, draft.Since.Moment, draft.Exp.Moment, draft.By, text, hidden, draft.Signatures.ToJsonString());
    }

    /// <summary>One draft of an organisation; null when there is none, or none any more.</summary>
    public async Task<WaitingDraft?> Find(string id, string organisation, CancellationToken cancellation)
    {
        await Sweep(cancellation);
        var rows = await database.Read("select * from host.registrar_waiting where id = $1 and organisation = $2", Read, cancellation, id, organisation);
        return rows.Count == 0 ? null : await Open(rows[0], cancellation);
    }

    /// <summary>What waits in an organisation, oldest first, and how many in all.</summary>
    public async Task<(IReadOnlyList<WaitingDraft> Items, long Total)> List(string organisation, CancellationToken cancellation)
    {
        await Sweep(cancellation);
        var rows = await database.Read("select * from host.registrar_waiting where organisation = $1 and seq is null order by since, id limit $2", Read,
            cancellation, organisation, PageMax);
        var total = await database.Read("select count(*) from host.registrar_waiting where organisation = $1 and seq is null", row => row.GetInt64(0), cancellation, organisation);
        return ([.. rows.Select(r => r.Draft)], total[0]);
    }

    /// <summary>Keeps the second signature where there is none yet: of two who sign at the same moment one is the second.</summary>
    /// <returns>False when somebody else was faster.</returns>
    public async Task<bool> Complete(WaitingDraft draft, JsonArray both, CancellationToken cancellation) =>
        await database.Run("update host.registrar_waiting set signatures = $2 where id = $1 and signatures = $3", cancellation, draft.Id, both.ToJsonString(), draft.Signatures.ToJsonString()) > 0;

    /// <summary>Notes where it went, and forgets what it hid.</summary>
    public async Task Close(string id, long seq, CancellationToken cancellation)
    {
        await database.Run("update host.registrar_waiting set seq = $2, hidden = null where id = $1", cancellation, id, seq);
        await vault.Destroy(Owner(id), cancellation);
    }

    /// <summary>Forgets a draft that is in no log; false when there is none.</summary>
    public async Task<bool> Remove(string id, string organisation, CancellationToken cancellation)
    {
        if (await database.Run("delete from host.registrar_waiting where id = $1 and organisation = $2 and seq is null", cancellation, id, organisation) == 0)
        {
            return false;
        }
        await vault.Destroy(Owner(id), cancellation);
        return true;
    }

    // Nobody can sign any more what is over; what it hid goes with it.
    private async Task Sweep(CancellationToken cancellation)
    {
        foreach (var id in await database.Read("delete from host.registrar_waiting where until < $1 returning id", row => row.GetString(0), cancellation, clock.GetUtcNow()))
        {
            await vault.Destroy(Owner(id), cancellation);
        }
    }

    private async Task<WaitingDraft?> Open((WaitingDraft Draft, string Text, byte[]? Hidden) row, CancellationToken cancellation)
    {
        if (row.Hidden is null)
        {
            return row.Draft;
        }
        // Another host of this machine may have made the key.
        var key = (await vault.KeysOf([Owner(row.Draft.Id)], cancellation))[0];
        return Sidecar.Open(key.Key, Sidecar.AssociatedData(genesis.Chain, row.Text), row.Hidden) is { } disclosures ? row.Draft with { Disclosures = disclosures } : null;
    }

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
