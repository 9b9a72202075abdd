using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>How records are made.</summary>
public sealed partial class SdJwt
{
    /// <summary>Makes one disclosure of an object's member from a 16-byte salt; the caller brings the randomness.</summary>
    public static string Disclosure(ReadOnlySpan<byte> salt, string name, JsonNode? value) =>
        B64.Encode(Encoding.UTF8.GetBytes(new JsonArray(B64.Encode(salt), name, value?.DeepClone()).ToJsonString()));

    /// <summary>The digest that stands in <c>_sd</c> for a disclosure.</summary>
    public static string DigestOf(string disclosure) => B64.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(disclosure)));

    /// <summary>Puts the digests of disclosures into a payload, as <see cref="Create"/> does before it signs.</summary>
    public static void Hide(JsonObject payload, IReadOnlyList<string> disclosures)
    {
        if (disclosures.Count > 0)
        {
            payload["_sd"] = new JsonArray([.. disclosures.Select(DigestOf).Order(StringComparer.Ordinal).Select(d => JsonValue.Create(d))]);
            payload["_sd_alg"] = "sha-256";
        }
    }

    /// <summary>Signs a payload; digests of the disclosures are put into <c>_sd</c> in sorted order, so that their place tells nothing.</summary>
    public static string Create(SigningKey key, JsonObject payload, params IReadOnlyList<string> disclosures)
    {
        var claims = (JsonObject)payload.DeepClone();
        Hide(claims, disclosures);
        return $"{key.SignJws(Typ, Jcs.Bytes(claims))}~{string.Concat(disclosures.Select(d => d + "~"))}";
    }

    /// <summary>A record as a key would sign it, under a signature of zeros that no key has made: to look at before anybody signs.</summary>
    public static string Unsigned(string kid, JsonObject payload, params IReadOnlyList<string> disclosures) =>
        $"{B64.Encode(Encoding.ASCII.GetBytes($$"""{"alg":"ES256","kid":"{{kid}}","typ":"{{Typ}}"}"""))}.{B64.Encode(Jcs.Bytes(payload))}.{B64.Encode(new byte[64])}~{string.Concat(disclosures.Select(d => d + "~"))}";
}
