using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Delivery;

/// <summary>
/// Signs a request so that its receiver knows that this ledger sent just this to just there: method, address, and digest of the body. Source: RFC 9421 (HTTP Message
/// Signatures) section 2.5 and 3.3.4, RFC 9530 (Digest Fields).
/// </summary>
public static class MessageSignature
{
    private const string Components = "(\"@method\" \"@target-uri\" \"content-digest\" \"content-type\")";

    /// <summary>The headers of a request that is signed.</summary>
    /// <param name="Digest"><c>Content-Digest</c>.</param>
    /// <param name="Input"><c>Signature-Input</c>.</param>
    /// <param name="Signature"><c>Signature</c>.</param>
    public sealed record Headers(string Digest, string Input, string Signature);

    /// <summary>Signs a POST.</summary>
    /// <param name="key">The host's token key; its public half is at <c>/oauth/jwks</c>.</param>
    /// <param name="url">Where it goes.</param>
    /// <param name="contentType">Media type of the body.</param>
    /// <param name="body">The body.</param>
    /// <param name="created">Now.</param>
    public static Headers Sign(SigningKey key, Uri url, string contentType, ReadOnlySpan<byte> body, DateTimeOffset created)
    {
        var digest = $"sha-256=:{Convert.ToBase64String(SHA256.HashData(body))}:";
        var parameters = string.Create(CultureInfo.InvariantCulture, $"{Components};created={created.ToUnixTimeSeconds()};keyid=\"{key.Public.Kid}\";alg=\"ecdsa-p256-sha256\"");
        var signature = key.Sign(Encoding.UTF8.GetBytes(Base(url, contentType, digest, parameters)));
        return new(digest, $"ledger={parameters}", $"ledger=:{Convert.ToBase64String(signature)}:");
    }

    /// <summary>The text that is signed.</summary>
    /// <param name="url">Where the request goes.</param>
    /// <param name="contentType">Its <c>Content-Type</c>.</param>
    /// <param name="digest">Its <c>Content-Digest</c>.</param>
    /// <param name="parameters">What follows the label in <c>Signature-Input</c>.</param>
    public static string Base(Uri url, string contentType, string digest, string parameters) =>
        $"\"@method\": POST\n\"@target-uri\": {url.AbsoluteUri}\n\"content-digest\": {digest}\n\"content-type\": {contentType}\n\"@signature-params\": {parameters}";
}
