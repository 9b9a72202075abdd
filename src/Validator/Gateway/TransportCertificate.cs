using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EventLedger.Domain.Kernel;

namespace EventLedger.Wire;

/// <summary>
/// TLS between hosts and validators: a self-signed certificate made from a <c>transport</c> key. Nothing in it is trusted but the key,
/// whose thumbprint must be on the ledger.
/// </summary>
public static class TransportCertificate
{
    /// <summary>Makes the certificate of a P-256 key.</summary>
    public static X509Certificate2 Create(ECDsa key)
    {
        var request = new CertificateRequest("CN=eventledger", key, HashAlgorithmName.SHA256);
        // Dates are never looked at, the ledger says which key is valid when.
        return request.CreateSelfSigned(new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new(2120, 1, 1, 0, 0, 0, TimeSpan.Zero));
    }

    /// <summary>The RFC 7638 thumbprint of a certificate's key; empty when it is no P-256 key.</summary>
    public static string KidOf(X509Certificate? certificate)
    {
        using var key = (certificate as X509Certificate2)?.GetECDsaPublicKey();
        if (key is not { KeySize: 256 })
        {
            return "";
        }
        var q = key.ExportParameters(includePrivateParameters: false).Q;
        var jwk = $$"""{"crv":"P-256","kty":"EC","x":"{{B64.Encode(q.X)}}","y":"{{B64.Encode(q.Y)}}"}""";
        return B64.Encode(Digest.Of(jwk).ToArray());
    }

    /// <summary>
    /// An HTTP/2 handler that shows the own certificate and accepts exactly one key on the other side. A line that takes bytes and gives none back is given
    /// up after about five seconds: TCP alone would try it again ever more seldom, and find out about a healed network as late as it had been broken.
    /// </summary>
    public static SocketsHttpHandler Handler(X509Certificate2 own, string serverKid) => Handler(own, kid => kid == serverKid);

    /// <summary>The same, where the other side may show one of several keys.</summary>
    public static SocketsHttpHandler Handler(X509Certificate2 own, Func<string, bool> isServer) => new()
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = System.Net.DecompressionMethods.None,
        EnableMultipleHttp2Connections = false,
        InitialHttp2StreamWindowSize = 1 << 20,
        ConnectTimeout = TimeSpan.FromSeconds(2),
        KeepAlivePingDelay = TimeSpan.FromSeconds(1),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(4),
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
        SslOptions = new SslClientAuthenticationOptions
        {
            TargetHost = "eventledger",
            EnabledSslProtocols = SslProtocols.Tls13,
            ClientCertificateContext = SslStreamCertificateContext.Create(own, null, offline: true),
            RemoteCertificateValidationCallback = (_, certificate, _, _) => isServer(KidOf(certificate)),
        },
    };
}
