using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>
/// A record: an issuer-signed JWT, followed by the disclosures of its hidden fields, each ended by <c>~</c>.
/// Source: RFC 9901; header and type of draft-ietf-oauth-sd-jwt-vc.
/// </summary>
public sealed partial class SdJwt
{
    /// <summary>The header's <c>typ</c>.</summary>
    public const string Typ = "dc+sd-jwt";

    /// <summary>Largest issuer-signed JWT that fits an entry, in characters.</summary>
    public const int JwtLengthMax = 56_000;

    /// <summary>Deepest nesting of a record with its disclosures put back.</summary>
    public const int DepthMax = 128;

    /// <summary>Most disclosures of one record.</summary>
    public const int DisclosuresMax = 256;

    // What every reader must see is never behind a disclosure: draft-ietf-oauth-sd-jwt-vc section 3.2.2.2, and the ledger's own claims.
    private static readonly string[] NeverDisclosed = ["iss", "vct", "ledger", "jti", "iat", "nbf", "exp", "cnf", "status"];

    private readonly ReadOnlyMemory<byte> ascii;

    private SdJwt(ReadOnlyMemory<byte> ascii, string kid, JsonElement payload, string[] disclosures) =>
        (this.ascii, Kid, Payload, Disclosures) = (ascii, kid, payload, disclosures);

    /// <summary>The compact JWT without disclosures: what is sealed.</summary>
    public string Jwt => Encoding.ASCII.GetString(ascii.Span);

    /// <summary>The same in ASCII, which is how it came and how it is signed and sealed.</summary>
    public ReadOnlySpan<byte> JwtAscii => ascii.Span;

    /// <summary>The issuer's key id.</summary>
    public string Kid { get; }

    /// <summary>The signed payload: public claims and digests.</summary>
    public JsonElement Payload { get; }

    /// <summary>The disclosures as received: base64url of <c>[salt, name, value]</c>.</summary>
    public IReadOnlyList<string> Disclosures { get; }

    /// <summary>The bytes that are signed: <c>header.payload</c> in ASCII.</summary>
    public ReadOnlySpan<byte> SigningInput => ascii.Span[..ascii.Span.LastIndexOf((byte)'.')];

    /// <summary>JWT, <c>~</c>, and each disclosure with its <c>~</c>.</summary>
    public override string ToString() => $"{Jwt}~{string.Concat(Disclosures.Select(d => d + "~"))}";

    /// <summary>Reads a record; <paramref name="problem"/> says in words what is wrong with it. The signature is not checked.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out SdJwt? record, [NotNullWhen(false)] out string? problem)
    {
        record = null;
        var tilde = text.IndexOf('~', StringComparison.Ordinal);
        if (tilde < 0 || text[^1] != '~')
        {
            problem = "An SD-JWT ends in '~': the signed JWT, then '~', then each disclosure with its '~' (no key binding).";
            return false;
        }
        var disclosures = tilde == text.Length - 1 ? [] : text[(tilde + 1)..^1].Split('~');
        if (disclosures.Length > DisclosuresMax)
        {
            problem = $"At most {DisclosuresMax} disclosures.";
            return false;
        }
        return TryRead(Encoding.ASCII.GetBytes(text, 0, tilde), disclosures, out record, out problem);
    }

    /// <summary>Reads a sealed JWT, which stands without disclosures and without <c>~</c>.</summary>
    /// <param name="jwt">In ASCII; the record goes on using this memory.</param>
    /// <param name="record">The record.</param>
    public static bool TryParseJwt(ReadOnlyMemory<byte> jwt, [NotNullWhen(true)] out SdJwt? record) => TryRead(jwt, [], out record, out _);

    /// <summary>Whether the key is the one named and signed this record.</summary>
    public bool IsSignedBy(Jwk key)
    {
        var input = SigningInput;
        return key.Kid == Kid && B64.TryDecode(ascii.Span[(input.Length + 1)..], out var signature) && key.Verify(input, signature);
    }

    /// <summary>
    /// Puts the disclosed values back into the payload, by the verifier's rules of RFC 9901 section 7.1: every disclosure matches exactly
    /// one digest, no digest stands twice, no name is reserved or taken.
    /// </summary>
    /// <param name="problem">In words, when the result is null.</param>
    public JsonObject? Disclose(out string? problem)
    {
        var tree = (JsonObject)JsonNode.Parse(Payload.GetRawText())!;
        if (tree.TryGetPropertyValue("_sd_alg", out var alg) && !(alg is JsonValue value && value.TryGetValue<string>(out var text) && text == "sha-256"))
        {
            problem = "_sd_alg must be sha-256.";
            return null;
        }
        var reveal = new Revealing(Disclosures);
        var open = NeverDisclosed.Where(tree.ContainsKey).ToHashSet(StringComparer.Ordinal);
        problem = reveal.Problem ?? reveal.Walk(tree) ?? reveal.Rest()
            ?? (NeverDisclosed.FirstOrDefault(name => tree.ContainsKey(name) && !open.Contains(name)) is { } hidden ? $"'{hidden}' must not be hidden." : null);
        tree.Remove("_sd_alg");
        return problem is null ? tree : null;
    }

    private static bool TryRead(ReadOnlyMemory<byte> ascii, string[] disclosures, [NotNullWhen(true)] out SdJwt? record, [NotNullWhen(false)] out string? problem)
    {
        record = null;
        var jwt = ascii.Span;
        var (dot, last) = (jwt.IndexOf((byte)'.'), jwt.LastIndexOf((byte)'.'));
        if (jwt.Length > JwtLengthMax || dot < 1 || last <= dot || jwt[(dot + 1)..last].Contains((byte)'.')
            || !B64.TryDecode(jwt[..dot], out var headerBytes) || !B64.TryDecode(jwt[(dot + 1)..last], out var payloadBytes)
            || !B64.TryDecode(jwt[(last + 1)..], out var signature) || signature.Length != 64)
        {
            problem = $"The JWT must be three base64url parts without padding, signed with ES256, at most {JwtLengthMax} characters.";
            return false;
        }
        if (!TryPlainHeader(headerBytes, out var kid) && !TryHeader(headerBytes, out kid))
        {
            problem = "The JWT header must be exactly {alg: \"ES256\", kid, typ: \"dc+sd-jwt\"}.";
            return false;
        }
        var payload = Jcs.TryParse(payloadBytes);
        if (payload is null || payload.RootElement.ValueKind != JsonValueKind.Object)
        {
            problem = "The JWT payload must be a JSON object without duplicate names, U+0000 or lone surrogates.";
            return false;
        }
        record = new(ascii, kid, payload.RootElement, disclosures);
        problem = null;
        return true;
    }

    // The header as every signer of the ledger writes it.
    private static bool TryPlainHeader(byte[] header, [NotNullWhen(true)] out string? kid)
    {
        kid = null;
        var reader = new JcsReader(header);
        return reader.TryTake("{\"alg\":\"ES256\",\"kid\":"u8) && reader.TryText(out kid) && reader.TryTake(",\"typ\":\"dc+sd-jwt\"}"u8) && reader.At == header.Length;
    }

    private static bool TryHeader(byte[] header, [NotNullWhen(true)] out string? kid)
    {
        kid = null;
        using var json = Jcs.TryParse(header);
        return json is not null && Members.TryRead(json.RootElement, out var m, "alg", "kid", "typ") && m.TryText("alg", out var alg) && alg == "ES256"
            && m.TryText("typ", out var typ) && typ == Typ && m.TryText("kid", out kid);
    }

    private sealed class Revealing
    {
        private readonly Dictionary<string, JsonArray> byDigest = new(StringComparer.Ordinal);
        private readonly HashSet<string> seen = new(StringComparer.Ordinal);
        private int used, depth;

        public Revealing(IReadOnlyList<string> disclosures)
        {
            foreach (var disclosure in disclosures)
            {
                if (!B64.TryDecode(disclosure, out var bytes) || Jcs.TryParse(bytes) is not { } json || json.RootElement.ValueKind != JsonValueKind.Array
                    || json.RootElement.GetArrayLength() is not (2 or 3) || json.RootElement[0].ValueKind != JsonValueKind.String)
                {
                    Problem = "A disclosure is base64url of [salt, name, value] or [salt, value].";
                    return;
                }
                var array = (JsonArray)JsonNode.Parse(bytes)!;
                if (!byDigest.TryAdd(DigestOf(disclosure), array))
                {
                    Problem = "A disclosure stands twice.";
                    return;
                }
            }
        }

        public string? Problem { get; }

        public string? Rest() => used == byDigest.Count ? null : "A disclosure matches no digest of the record.";

        // Disclosures may nest in one another without bound, the stack may not.
        public string? Walk(JsonNode? node)
        {
            if (++depth > DepthMax)
            {
                return $"Values nest deeper than {DepthMax} levels.";
            }
            var problem = node switch
            {
                JsonObject o => WalkObject(o),
                JsonArray a => WalkArray(a),
                _ => null,
            };
            depth--;
            return problem;
        }

        private string? WalkObject(JsonObject o)
        {
            if (o.ContainsKey("..."))
            {
                return "The name '...' is reserved.";
            }
            foreach (var child in o.Where(m => m.Key != "_sd").Select(m => m.Value).ToList())
            {
                if (Walk(child) is { } problem)
                {
                    return problem;
                }
            }
            if (!o.TryGetPropertyValue("_sd", out var digests))
            {
                return null;
            }
            if (digests is not JsonArray list)
            {
                return "_sd must be an array of digests.";
            }
            o.Remove("_sd");
            foreach (var item in list)
            {
                if (item is not JsonValue v || !v.TryGetValue<string>(out var digest) || !seen.Add(digest))
                {
                    return "_sd holds something that is not a digest, or one digest twice.";
                }
                if (!byDigest.TryGetValue(digest, out var d))
                {
                    continue; // Not disclosed, or a decoy.
                }
                if (d.Count != 3 || d[1] is not JsonValue nv || !nv.TryGetValue<string>(out var name) || name is "_sd" or "..." || o.ContainsKey(name))
                {
                    return "A disclosed name is missing, reserved or taken.";
                }
                used++;
                var value = d[2]?.DeepClone();
                o[name] = value;
                if (Walk(value) is { } problem)
                {
                    return problem;
                }
            }
            return null;
        }

        private string? WalkArray(JsonArray a)
        {
            for (var i = 0; i < a.Count; i++)
            {
                if (a[i] is JsonObject { Count: 1 } o && o.TryGetPropertyValue("...", out var item))
                {
                    if (item is not JsonValue v || !v.TryGetValue<string>(out var digest) || !seen.Add(digest))
                    {
                        return "An array holds something that is not a digest, or one digest twice.";
                    }
                    if (!byDigest.TryGetValue(digest, out var d))
                    {
                        a.RemoveAt(i--);
                        continue;
                    }
                    if (d.Count != 2)
                    {
                        return "The disclosure of an array element is [salt, value].";
                    }
                    used++;
                    a[i] = d[1]?.DeepClone();
                }
                if (Walk(a[i]) is { } problem)
                {
                    return problem;
                }
            }
            return null;
        }
    }
}
