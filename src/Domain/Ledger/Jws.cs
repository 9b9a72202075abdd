using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>
/// A compact JWS in the one form that the ledger takes: the header holds exactly <c>alg</c>, <c>kid</c> and <c>typ</c>, and <c>alg</c> is ES256. There is no
/// algorithm to choose, and a header that brings a key or says where to fetch one is refused before anything is computed.
/// </summary>
/// <remarks>Source: RFC 7515 section 7.1, RFC 8725 sections 3.1 and 3.11.</remarks>
public sealed class Jws
{
    /// <summary>Longest text that is read: 8192 characters.</summary>
    public const int LengthMax = 8192;

    private readonly string signed;
    private readonly byte[] signature;

    private Jws(string kid, string typ, JsonElement payload, string signed, byte[] signature) =>
        (Kid, Typ, Payload, this.signed, this.signature) = (kid, typ, payload, signed, signature);

    /// <summary>Thumbprint of the key that is said to have signed.</summary>
    public string Kid { get; }

    /// <summary>What kind of statement it is.</summary>
    public string Typ { get; }

    /// <summary>The payload: a JSON object without duplicate names.</summary>
    public JsonElement Payload { get; }

    /// <summary>Reads a text; false when it has another form. The signature is not checked yet.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out Jws? jws)
    {
        jws = null;
        if (text is null || text.Length > LengthMax || text.Split('.') is not [var head, var body, var tail] || !B64.TryDecode(head, out var header)
            || !B64.TryDecode(body, out var payload) || !B64.TryDecode(tail, out var signature) || signature.Length != 64)
        {
            return false;
        }
        using var h = Jcs.TryParse(header);
        if (h is null || !Members.TryRead(h.RootElement, out var m, "alg", "kid", "typ") || !m.TryText("alg", out var alg) || alg != "ES256"
            || !m.TryText("kid", out var kid) || !m.TryText("typ", out var typ) || Jcs.TryParse(payload) is not { RootElement: { ValueKind: JsonValueKind.Object } p })
        {
            return false;
        }
        jws = new(kid, typ, p, text[..text.LastIndexOf('.')], signature);
        return true;
    }

    /// <summary>Whether the key is the one named and signed exactly this.</summary>
    public bool IsSignedBy(Jwk key) => key.Kid == Kid && key.Verify(Encoding.ASCII.GetBytes(signed), signature);
}
