using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using EventLedger.Web.Tests.Support;

namespace EventLedger.Web.Tests;

/// <summary>The hop between everyone outside and the API, where the host itself ends TLS.</summary>
[Y4561("N-6.2.1-a")]
public sealed class TlsTests(SeededSite site)
{
    private const byte Alert = 21, Handshake = 22, ProtocolVersion = 70;

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task TLS_1_2_and_1_3_are_spoken(SslProtocols version)
    {
        using var socket = new TcpClient(site.Secure.Host, site.Secure.Port);
        await using var tls = new SslStream(socket.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost", EnabledSslProtocols = version, RemoteCertificateValidationCallback = (_, shown, _, _) => IsOurs(shown),
        }, TestContext.Current.CancellationToken);
        tls.SslProtocol.ShouldBe(version);
        // Only suites with forward secrecy and authenticated encryption.
        tls.NegotiatedCipherSuite.ToString().ShouldMatch("GCM|CHACHA20");
    }

    [Theory]
    [InlineData(2)]
    [InlineData(1)]
    public async Task What_is_older_is_refused(byte minor)
    {
        using var raw = new RawHttp(site.Secure);
        var answer = await raw.Ask(ClientHello(minor));
        (answer[0], answer[^1]).ShouldBe((Alert, ProtocolVersion));
    }

    [Fact]
    public async Task The_hello_that_is_refused_for_its_age_is_a_good_one_otherwise()
    {
        using var socket = new TcpClient(site.Secure.Host, site.Secure.Port);
        await socket.GetStream().WriteAsync(ClientHello(3), TestContext.Current.CancellationToken);
        socket.GetStream().ReadByte().ShouldBe(Handshake);
    }

    [Fact]
    public async Task Under_TLS_the_browser_is_told_to_stay_there()
    {
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, shown, _, _) => IsOurs(shown) };
        using var http = new HttpClient(handler) { BaseAddress = site.Secure };
        foreach (var path in (string[])["/", "/u2s/v1/records", "/nowhere"])
        {
            using var answer = await http.GetAsync(path, TestContext.Current.CancellationToken);
            answer.Headers.GetValues("Strict-Transport-Security").ShouldBe(["max-age=31536000; includeSubDomains"]);
        }
    }

    [Fact]
    public async Task Plain_HTTP_on_the_port_of_TLS_gets_no_answer()
    {
        using var raw = new RawHttp(site.Secure);
        (await raw.Ask("GET /u2s/v1/records HTTP/1.1\r\nHost: localhost\r\n\r\n")).ShouldNotContain("HTTP/1.1 200");
    }

    private bool IsOurs(X509Certificate? shown) => shown?.GetCertHashString() == site.Certificate.GetCertHashString();

    // RFC 5246 section 7.4.1.2, by hand: .NET's own client would refuse to say it.
    private static byte[] ClientHello(byte minor)
    {
        byte[] extensions = [0, 10, 0, 4, 0, 2, 0, 23, 0, 11, 0, 2, 1, 0, 0, 13, 0, 4, 0, 2, 4, 3];
        byte[] body = [3, minor, .. new byte[32], 0, 0, 4, 0xC0, 0x2B, 0xC0, 0x09, 1, 0, 0, (byte)extensions.Length, .. extensions];
        return [Handshake, 3, 1, 0, (byte)(body.Length + 4), 1, 0, 0, (byte)body.Length, .. body];
    }
}
