using System.Security.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace EventLedger.Api.Http;

/// <summary>What the HTTP server takes at most.</summary>
public static class Limits
{
    /// <summary>Largest request body where an endpoint names no other: 1 MiB.</summary>
    public const long BodyBytesMax = 1 << 20;

    /// <summary>Largest record with its disclosures: 64 KiB.</summary>
    public const int RecordBytesMax = 64 << 10;

    internal static void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        // Said here, so that no machine's own settings let an older one in. Source: OWASP ASVS 5.0 V12.1.1.
        kestrel.ConfigureHttpsDefaults(https => https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13);
        kestrel.Limits.MaxRequestBodySize = BodyBytesMax;
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 << 10;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        kestrel.Limits.Http2.InitialConnectionWindowSize = 2 << 20;
        kestrel.Limits.Http2.InitialStreamWindowSize = 1 << 20;
    }
}
