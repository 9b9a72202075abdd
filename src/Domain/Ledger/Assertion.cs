using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>
/// A registrar's word for a record, which stands in the record as the claim <c>assertion</c>: an authorization over the payload without it, so the source's
/// signature covers both. An agency's vault signs only after it. Source: DESIGN section 3 "Authority".
/// </summary>
public static class Assertion
{
    /// <summary>What the registrar signs: the command is the record's payload, on the stream of its source; no version, for the <c>jti</c> makes it one of a kind.</summary>
    /// <param name="chain">Chain id.</param>
    /// <param name="iss">The source.</param>
    /// <param name="payload">The record's payload without <c>assertion</c>.</param>
    /// <param name="nonce">16 random bytes in base64url.</param>
    /// <param name="exp">Until when the record may be submitted.</param>
    public static Digest Subject(string chain, string iss, JsonObject payload, string nonce, LedgerTime exp) =>
        Authorization.Subject(chain, EventTable.SourceStream(iss), EventTable.SubmissionAccepted, payload, 0, nonce, exp);

    /// <summary>Whether a registrar asserts just this record; a passkey or a CLI key, and one person is enough.</summary>
    internal static bool Holds(JsonElement payload, string iss, Registry registry, string chain, long seq, LedgerTime previous)
    {
        if (!payload.TryGetProperty("assertion", out var json) || !Members.TryRead(json, out var m, "exp", "nonce", "signatures") || !m.TryText("nonce", out var nonce)
            || !B64.TryDecode(nonce, out var random) || random.Length < 16 || !m.TryTime("exp", out var exp) || exp < previous
            || m["signatures"].ValueKind != JsonValueKind.Array || m["signatures"].GetArrayLength() != 1)
        {
            return false;
        }
        var bare = (JsonObject)JsonNode.Parse(payload.GetRawText())!;
        bare.Remove("assertion");
        // A browser's key counts only beside another person's signature, and here is one alone.
        return Authorization.SignerOf(m["signatures"][0], Subject(chain, iss, bare, nonce, exp), registry, Role.Registrar, seq, previous) is { Kind: not PersonKeyKind.Browser };
    }
}
