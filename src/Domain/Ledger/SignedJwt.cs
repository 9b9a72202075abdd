using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>A compact JWT of the one form that the ledger takes: header exactly <c>{alg: ES256, kid, typ}</c>. Source: RFC 7519, RFC 8725 section 3.11.</summary>
internal static class SignedJwt
{
    private const int LengthMax = 8192;

    /// <summary>Reads header and payload; the signature is for <see cref="IsSignedBy"/> to check.</summary>
    public static bool TryRead(string jwt, string typ, [NotNullWhen(true)] out string? kid, out JsonElement payload)
    {
        (kid, payload) = (null, default);
        var parts = jwt.Split('.');
        if (jwt.Length > LengthMax || parts.Length != 3 || !B64.TryDecode(parts[0], out var header) || !B64.TryDecode(parts[1], out var body)
            || Jcs.TryParse(header) is not { } h || !Members.TryRead(h.RootElement, out var hm, "alg", "kid", "typ") || !hm.TryText("alg", out var alg) || alg != "ES256"
            || !hm.TryText("typ", out var stated) || stated != typ || !hm.TryText("kid", out kid) || Jcs.TryParse(body) is not { } p)
        {
            return false;
        }
        payload = p.RootElement;
        return true;
    }

    /// <summary>Whether the key signed it.</summary>
    public static bool IsSignedBy(string jwt, Jwk key)
    {
        var last = jwt.LastIndexOf('.');
        return B64.TryDecode(jwt.AsSpan(last + 1), out var signature) && key.Verify(Encoding.ASCII.GetBytes(jwt[..last]), signature);
    }
}
