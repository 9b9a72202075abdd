using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.KeyVault;

/// <summary>
/// The record keys of agencies that have theirs kept here: one folder for each organisation, one file for each key, named after its id. It signs for
/// nobody's asking, only after a registrar of that very organisation has asserted just these bytes; the host around it cannot make it sign anything else.
/// </summary>
/// <remarks>Never in the database. A key is put in by <c>./ledger vault enrol</c>, and used from the next request on. Source: DESIGN section 3 "Authority".</remarks>
public sealed class AgencyVault(string directory, Genesis genesis)
{
    /// <summary>Id of the newest key of a source that lies in an organisation's folder and is valid for an entry; null when there is none.</summary>
    /// <param name="organisation">The organisation's id.</param>
    /// <param name="iss">The source.</param>
    /// <param name="registry">Keys and sources.</param>
    /// <param name="seq">Seq that the entry is to have.</param>
    /// <param name="previous">Time of the previous header.</param>
    public string? KeyOf(string organisation, string iss, Registry registry, long seq, LedgerTime previous) => registry.Keys.Values
        .Where(k => k.Owner == iss && k.Purpose == KeyPurpose.Record && k.IsValidAt(seq, previous) && File.Exists(PathOf(organisation, k.Jwk.Kid)))
        .MaxBy(k => k.FromSeq)?.Jwk.Kid;

    /// <summary>
    /// The signed record without disclosures; null when the assertion in it does not hold now, the source is not the organisation's, or the key is not there.
    /// The same payload may be signed again, which yields nothing new: the ledger takes its <c>jti</c> once.
    /// </summary>
    /// <param name="organisation">Whose folder.</param>
    /// <param name="kid">Which key, from <see cref="KeyOf"/>.</param>
    /// <param name="payload">What is signed, with its <c>assertion</c>.</param>
    /// <param name="type"><c>submission_accepted</c> or <c>status_changed</c>.</param>
    /// <param name="registry">Keys, roles, sources.</param>
    /// <param name="seq">Seq that the entry is to have.</param>
    /// <param name="now">The clock: what has expired by it is not signed, whatever the chain's time.</param>
    /// <param name="previous">Time of the previous header.</param>
    public string? Sign(string organisation, string kid, JsonObject payload, string type, Registry registry, long seq, LedgerTime now, LedgerTime previous)
    {
        using var bytes = JsonDocument.Parse(Jcs.Bytes(payload));
        var json = bytes.RootElement;
        if (!json.TryGetProperty("iss", out var iss) || iss.ValueKind != JsonValueKind.String || registry.Keys.GetValueOrDefault(kid)?.Owner != iss.GetString()
            || registry.Sources.GetValueOrDefault(iss.GetString()!)?.Profile?.Organisation != organisation
            || Assertion.Signers(json, iss.GetString()!, type, registry, genesis.Chain, seq, now, now > previous ? now : previous) is null
            || Read(organisation, kid) is not { } key)
        {
            return null;
        }
        using (key)
        {
            return SdJwt.Create(key, payload);
        }
    }

    private SigningKey? Read(string organisation, string kid)
    {
        var path = PathOf(organisation, kid);
        return !File.Exists(path) ? null
            : SigningKey.TryParse(File.ReadAllBytes(path), out var key) && key.Purpose == KeyPurpose.Record && key.Public.Kid == kid ? key
            : throw new InvalidDataException($"{path} is not the key file that its name says: purpose 'record', id {kid}.");
    }

    // Ids are letters, digits and hyphens by the ledger's rules; should that ever change, a folder still has no way up.
    private string PathOf(string organisation, string kid) => Path.Combine(directory, Path.GetFileName(organisation), $"{Path.GetFileName(kid)}.json");
}
