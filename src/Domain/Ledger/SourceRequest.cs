using System.Diagnostics.CodeAnalysis;
using System.Text;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>A source's request for registration, or for one more key: a JWT signed by the very key it brings, so that it proves to hold it.</summary>
/// <param name="Jwt">The compact JWT.</param>
/// <param name="Iss">The source's URI.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Ledger">Chain id.</param>
/// <param name="Key">The key.</param>
/// <param name="Purpose"><c>record</c> for the first key; also <c>client</c> for a further one.</param>
/// <param name="IssuedAt">Seconds since 1970.</param>
/// <param name="NotAfter">When the key ends by itself; null for never.</param>
public sealed record SourceRequest(string Jwt, string Iss, string Name, string Ledger, Jwk Key, string Purpose, long IssuedAt, LedgerTime? NotAfter)
{
    /// <summary>The header's <c>typ</c>.</summary>
    public const string Typ = "source-request+jwt";

    /// <summary>Signs a request.</summary>
    public static string Create(SigningKey key, string iss, string name, string ledger, LedgerTime now, LedgerTime? notAfter = null)
    {
        var payload = new System.Text.Json.Nodes.JsonObject
        {
            ["iss"] = iss, ["name"] = name, ["ledger"] = ledger, ["iat"] = now.UnixMs / 1000, ["jwk"] = key.Public.ToJson(), ["purpose"] = key.Purpose,
        };
        if (notAfter is { } end)
        {
            payload["notAfter"] = end.ToString();
        }
        return key.SignJws(Typ, Jcs.Bytes(payload));
    }

    /// <summary>Reads a request; <paramref name="problem"/> says in words what is wrong. The signature is checked by <see cref="Problem"/>.</summary>
    public static bool TryParse(string jwt, [NotNullWhen(true)] out SourceRequest? request, [NotNullWhen(false)] out string? problem)
    {
        request = null;
        problem = "A source request is a JWT with header {alg: ES256, kid, typ: source-request+jwt} and payload {iss, name, ledger, iat, jwk, purpose, notAfter?}.";
        var parts = jwt.Split('.');
        if (jwt.Length > 8192 || parts.Length != 3 || !B64.TryDecode(parts[0], out var header) || !B64.TryDecode(parts[1], out var payload)
            || Jcs.TryParse(header) is not { } h || !Members.TryRead(h.RootElement, out var hm, "alg", "kid", "typ") || !hm.TryText("alg", out var alg) || alg != "ES256"
            || !hm.TryText("typ", out var typ) || typ != Typ || !hm.TryText("kid", out var kid)
            || Jcs.TryParse(payload) is not { } p || !Members.TryRead(p.RootElement, out var m, "iat", "iss", "jwk", "ledger", "name", "notAfter?", "purpose"))
        {
            return false;
        }
        if (!m.TryText("iss", out var iss) || iss.Length is 0 or > RegistryEvents.IssLengthMax || !Uri.TryCreate(iss, UriKind.Absolute, out _))
        {
            problem = "iss must be an absolute URI of at most 256 characters.";
            return false;
        }
        if (!m.TryText("name", out var name) || name.Length is 0 or > 200 || !m.TryText("ledger", out var ledger) || !m.TryLong("iat", 0, out var iat)
            || !Jwk.TryParse(m["jwk"], out var key) || key.Kid != kid || !m.TryText("purpose", out var purpose)
            || purpose is not (KeyPurpose.Record or KeyPurpose.Client))
        {
            problem = "name (1 to 200 characters), ledger, iat (seconds), jwk (whose thumbprint is the header's kid) and purpose (record or client) are needed.";
            return false;
        }
        LedgerTime? notAfter = null;
        if (m.Has("notAfter"))
        {
            if (!m.TryTime("notAfter", out var end))
            {
                problem = "notAfter is written like 2026-01-01T00:00:00.000Z.";
                return false;
            }
            notAfter = end;
        }
        (request, problem) = (new(jwt, iss, name, ledger, key, purpose, iat, notAfter), null);
        return true;
    }

    /// <summary>A rejection code when the request is for another chain, from the future, or not signed by its own key.</summary>
    public string? Problem(string chain, LedgerTime time)
    {
        if (Ledger != chain)
        {
            return RejectionCode.LedgerWrong;
        }
        if (IssuedAt * 1000 > time.UnixMs + RecordRules.IatAheadMsMax)
        {
            return RejectionCode.IatFuture;
        }
        var last = Jwt.LastIndexOf('.');
        return B64.TryDecode(Jwt.AsSpan(last + 1), out var signature) && Key.Verify(Encoding.ASCII.GetBytes(Jwt[..last]), signature)
            ? null
            : RejectionCode.SignatureWrong;
    }
}
