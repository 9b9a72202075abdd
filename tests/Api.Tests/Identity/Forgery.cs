using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Tests.Identity;

/// <summary>Tokens that must open nothing, each made from a good one by one change.</summary>
internal static class Forgery
{
    /// <param name="good">A token that is taken.</param>
    /// <param name="own">The host's own token key: what is signed with it is wrong for another reason.</param>
    /// <param name="person">A person's key.</param>
    /// <param name="source">A source's key.</param>
    public static IEnumerable<(string Why, string Token)> Of(string good, SigningKey own, SigningKey person, SigningKey source)
    {
        var parts = good.Split('.');
        string Header(Action<JsonObject> change)
        {
            B64.TryDecode(parts[0], out var bytes);
            var header = (JsonObject)JsonNode.Parse(bytes)!;
            change(header);
            return B64.Encode(Encoding.UTF8.GetBytes(header.ToJsonString()));
        }
        JsonObject Claims()
        {
            B64.TryDecode(parts[1], out var bytes);
            return (JsonObject)JsonNode.Parse(bytes)!;
        }
        string Resigned(Action<JsonObject> change, SigningKey? key = null, string typ = AccessToken.Typ)
        {
            var claims = Claims();
            change(claims);
            return (key ?? own).SignJws(typ, Jcs.Bytes(claims));
        }
        string SignedOver(string header, SigningKey key) => $"{header}.{parts[1]}.{B64.Encode(key.Sign(Encoding.ASCII.GetBytes($"{header}.{parts[1]}")))}";
        string Hmac(byte[] secret)
        {
            var input = $"{Header(h => h["alg"] = "HS256")}.{parts[1]}";
            return $"{input}.{B64.Encode(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(input)))}";
        }
        var now = Claims()["iat"]!.GetValue<long>();
        using var stranger = SigningKey.From(KeyPurpose.Token, ECDsa.Create(ECCurve.NamedCurves.nistP256));

        yield return ("alg none", $"{Header(h => h["alg"] = "none")}.{parts[1]}.");
        yield return ("alg none with the old signature", $"{Header(h => h["alg"] = "none")}.{parts[1]}.{parts[2]}");
        yield return ("alg nOnE", $"{Header(h => h["alg"] = "nOnE")}.{parts[1]}.");
        yield return ("HS256 with the public key as SPKI", Hmac(own.Public.ToSpki()));
        yield return ("HS256 with the public key as PEM", Hmac(Encoding.ASCII.GetBytes(PemEncoding.WriteString("PUBLIC KEY", own.Public.ToSpki()))));
        yield return ("HS256 with the public key as JWK", Hmac(Encoding.ASCII.GetBytes(own.Public.ToJson().ToJsonString())));
        yield return ("a key that no host has", Resigned(_ => { }, stranger));
        yield return ("a stranger's signature under the host's kid", SignedOver(parts[0], stranger));
        yield return ("a person's key", Resigned(_ => { }, person));
        yield return ("a source's key", Resigned(_ => { }, source));
        yield return ("the key in the header", SignedOver(Header(h => h["jwk"] = stranger.Public.ToJson()), stranger));
        yield return ("the key by its address", SignedOver(Header(h => h["jku"] = "https://evil.example/jwks"), own));
        yield return ("the key as a certificate", SignedOver(Header(h => h["x5c"] = new JsonArray("MIIB")), own));
        yield return ("kid as a path", SignedOver(Header(h => h["kid"] = "../../host/token.json"), own));
        yield return ("kid as SQL", SignedOver(Header(h => h["kid"] = "x' or '1'='1"), own));
        yield return ("critical extension", SignedOver(Header(h => h["crit"] = new JsonArray("exp")), own));
        yield return ("no typ", SignedOver(Header(h => h.Remove("typ")), own));
        yield return ("typ JWT", Resigned(_ => { }, typ: "JWT"));
        yield return ("a client assertion's typ", Resigned(_ => { }, typ: ClientAssertion.Typ));
        yield return ("expired", Resigned(c => (c["iat"], c["exp"]) = (now - 600, now - 300)));
        yield return ("expired this second", Resigned(c => c["exp"] = now));
        yield return ("from the future", Resigned(c => (c["iat"], c["exp"]) = (now + 86_400, now + 86_700)));
        yield return ("another issuer", Resigned(c => c["iss"] = "https://evil.example"));
        yield return ("another kind", Resigned(c => c["kind"] = "person"));
        yield return ("a source that there is not", Resigned(c => c["sub"] = "https://nobody.example"));
        yield return ("one more claim", Resigned(c => c["admin"] = true));
        yield return ("one claim twice", TwiceTheSubject(parts, own));
        yield return ("one byte of the payload", $"{parts[0]}.{parts[1][..^2]}{(parts[1][^2] == 'A' ? 'B' : 'A')}{parts[1][^1]}.{parts[2]}");
        yield return ("no signature", $"{parts[0]}.{parts[1]}.");
        yield return ("a signature in DER", $"{parts[0]}.{parts[1]}.{B64.Encode(new byte[71])}");
        yield return ("a signature of zeros", $"{parts[0]}.{parts[1]}.{B64.Encode(new byte[64])}");
        yield return ("four parts", $"{good}.{parts[2]}");
        yield return ("not a token", "x");
    }

    private static string TwiceTheSubject(string[] parts, SigningKey key)
    {
        B64.TryDecode(parts[1], out var bytes);
        var text = Encoding.UTF8.GetString(bytes!);
        return key.SignJws(AccessToken.Typ, Encoding.UTF8.GetBytes($"{{\"sub\":\"https://nobody.example\",{text[1..]}"));
    }
}
