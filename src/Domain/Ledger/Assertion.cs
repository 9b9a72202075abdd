using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>
/// A registrar's word for a record or for a change of its status, which stands in the signed payload as the claim <c>assertion</c>: an authorization over
/// the payload without it, so the source's signature covers both. An agency's vault signs only after it. Source: DESIGN section 3 "Authority".
/// </summary>
public static class Assertion
{
    /// <summary>Most people that sign one assertion: a registrar, and a second one beside a browser's key or for a correction.</summary>
    public const int SignersMax = 2;

    /// <summary>Longest reason of a correction, in characters.</summary>
    public const int ReasonLengthMax = 400;

    /// <summary>What the registrar signs: the command is the payload, on the stream of its source; no version, for the <c>jti</c> makes it one of a kind.</summary>
    /// <param name="chain">Chain id.</param>
    /// <param name="iss">The source.</param>
    /// <param name="type"><c>submission_accepted</c> or <c>status_changed</c>.</param>
    /// <param name="payload">The payload without <c>assertion</c>.</param>
    /// <param name="nonce">16 random bytes in base64url.</param>
    /// <param name="exp">Until when it may be submitted.</param>
    public static Digest Subject(string chain, string iss, string type, JsonObject payload, string nonce, LedgerTime exp) =>
        Authorization.Subject(chain, EventTable.SourceStream(iss), type, payload, 0, nonce, exp);

    /// <summary>
    /// The keys of those who assert just this payload; null unless all of them are registrars of the source's organisation and at least one key is no
    /// browser's, which counts only beside another person's. A correction is asserted by two.
    /// </summary>
    /// <param name="payload">The payload with its <c>assertion</c>.</param>
    /// <param name="iss">Its source.</param>
    /// <param name="type"><c>submission_accepted</c> or <c>status_changed</c>.</param>
    /// <param name="registry">Keys, roles, sources.</param>
    /// <param name="chain">Chain id.</param>
    /// <param name="seq">Seq of the entry that bears it, or one beyond the newest before it has one.</param>
    /// <param name="time">The entry's time: an assertion runs a day at most.</param>
    /// <param name="previous">Time of the previous header.</param>
    public static IReadOnlyList<KeyRecord>? Signers(JsonElement payload, string iss, string type, Registry registry, string chain, long seq, LedgerTime time, LedgerTime previous) =>
        SignedBy(payload, iss, type, registry, chain, seq, time, previous) is { } keys && keys.Any(k => k.Kind != PersonKeyKind.Browser)
            && (keys.Count == SignersMax || !IsCorrection(payload, registry))
            ? keys
            : null;

    /// <summary>The same whatever their keys and number: one of two may be enough to wait for the other, but not to be sealed.</summary>
    public static IReadOnlyList<KeyRecord>? SignedBy(JsonElement payload, string iss, string type, Registry registry, string chain, long seq, LedgerTime time, LedgerTime previous)
    {
        if (!payload.TryGetProperty("assertion", out var json) || !Members.TryRead(json, out var m, "exp", "nonce", "signatures") || !m.TryText("nonce", out var nonce)
            || !B64.TryDecode(nonce, out var random) || random.Length < 16 || !m.TryTime("exp", out var exp) || exp < previous || exp > time.PlusMs(Authorization.LifeMsMax)
            || m["signatures"].ValueKind != JsonValueKind.Array || m["signatures"].GetArrayLength() is 0 or > SignersMax
            || TrySubject(chain, iss, type, payload, nonce, exp) is not { } subject)
        {
            return null;
        }
        var organisation = registry.Sources.GetValueOrDefault(iss)?.Profile?.Organisation;
        var keys = new List<KeyRecord>(SignersMax);
        foreach (var signature in m["signatures"].EnumerateArray())
        {
            if (Authorization.SignerOf(signature, subject, registry, Role.Registrar, seq, previous) is not { } key || keys.Exists(k => k.Owner == key.Owner)
                || registry.Terms.GetValueOrDefault((key.Owner, Role.Registrar))?.Organisation != organisation)
            {
                return null;
            }
            keys.Add(key);
        }
        return keys;
    }

    // In an unknown format nothing is a correction: the record fails for that, not for want of a second person.
    private static bool IsCorrection(JsonElement payload, Registry registry) => payload.TryGetProperty("correction", out _)
        && payload.TryGetProperty("vct", out var vct) && vct.ValueKind == JsonValueKind.String && registry.Formats.TryGetValue(vct.GetString()!, out var known) && known.Format.HasCorrection;

    // A payload may nest as deep as canonical JSON can; inside the command it would then be too deep to have a canonical form.
    private static Digest? TrySubject(string chain, string iss, string type, JsonElement payload, string nonce, LedgerTime exp)
    {
        var bare = (JsonObject)JsonNode.Parse(payload.GetRawText())!;
        bare.Remove("assertion");
        try
        {
            return Subject(chain, iss, type, bare, nonce, exp);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
