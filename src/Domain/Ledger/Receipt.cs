using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>A host's signed promise to seal one entry: <c>{body, kid, sig}</c>. Source: DESIGN section 3 "A receipt".</summary>
/// <param name="Chain">Chain id.</param>
/// <param name="Seq">Seq that the entry took.</param>
/// <param name="Leaf">Its leaf hash.</param>
/// <param name="Time">The entry's time.</param>
/// <param name="Kid">The host's receipt key.</param>
/// <param name="Sig">Over JCS of the body.</param>
public sealed record Receipt(string Chain, long Seq, Digest Leaf, LedgerTime Time, string Kid, string Sig)
{
    /// <summary>Signs a promise.</summary>
    public static Receipt Create(SigningKey key, string chain, long seq, Digest leaf, LedgerTime time) =>
        new(chain, seq, leaf, time, key.Public.Kid, B64.Encode(key.Sign(Body(chain, seq, leaf, time))));

    /// <summary>Whether the key made this promise.</summary>
    public bool IsSignedBy(Jwk key) => key.Kid == Kid && B64.TryDecode(Sig, out var sig) && key.Verify(Body(Chain, Seq, Leaf, Time), sig);

    /// <summary>The receipt as JSON.</summary>
    public JsonObject ToJson() => new() { ["body"] = JsonNode.Parse(Body(Chain, Seq, Leaf, Time)), ["kid"] = Kid, ["sig"] = Sig };

    /// <summary>Canonical bytes, for whoever answers with many.</summary>
    public byte[] ToBytes() => [.. "{\"body\":"u8, .. Body(Chain, Seq, Leaf, Time), .. Encoding.ASCII.GetBytes($",\"kid\":\"{Kid}\",\"sig\":\"{Sig}\"}}")];

    /// <summary>Reads exactly these members.</summary>
    public static bool TryParse(JsonElement json, [NotNullWhen(true)] out Receipt? receipt)
    {
        receipt = null;
        if (!Members.TryRead(json, out var m, "body", "kid", "sig") || !m.TryText("kid", out var kid) || !m.TryText("sig", out var sig)
            || !Members.TryRead(m["body"], out var b, "chain", "leaf", "seq", "time", "v") || !b.IsOne("v") || !b.TryText("chain", out var chain)
            || !b.TryLong("seq", 1, out var seq) || !b.TryDigest("leaf", out var leaf) || !b.TryTime("time", out var time))
        {
            return false;
        }
        receipt = new(chain, seq, leaf, time, kid, sig);
        return true;
    }

    // Written by hand because every submission pays for it; a chain id holds nothing that JSON escapes.
    private static byte[] Body(string chain, long seq, Digest leaf, LedgerTime time) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $$"""{"chain":{{JsonSerializer.Serialize(chain, Relaxed)}},"leaf":"{{leaf}}","seq":{{seq}},"time":"{{time}}","v":1}"""));

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
