using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Network;
using EventLedger.Validator.Tests.Node;
using EventLedger.Wire;

namespace EventLedger.Validator.Tests.Network;

/// <summary>The hops that end at a validator: from hosts and from peers.</summary>
[Y4561("N-6.2.1-a")]
public sealed class HopTests
{
    [Fact]
    public async Task A_handshake_below_TLS_1_3_is_refused_whoever_asks()
    {
        await using var net = new TestNetwork(1);
        await net.Start(0);
        (await Handshake(net, SslProtocols.Tls12 | SslProtocols.Tls13)).ShouldBe(SslProtocols.Tls13);
        // The host's own certificate, so that nothing but the version is wrong.
        await Should.ThrowAsync<AuthenticationException>(() => Handshake(net, SslProtocols.Tls12));
    }

    [Fact]
    public async Task Whoever_shows_no_certificate_gets_no_answer()
    {
        await using var net = new TestNetwork(1);
        await net.Start(0);
        using var handler = TransportCertificate.Handler(net.Host, net.TransportKidOf(0));
        handler.SslOptions.ClientCertificateContext = null;
        using var client = new HttpClient(handler) { BaseAddress = new($"https://{net.AddressOf(0)}"), DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        await Should.ThrowAsync<HttpRequestException>(() => TestNetwork.Call(client, "GetHead", new HeadRequest(), Block.Parser));
    }

    [Fact]
    public async Task Plain_text_gets_no_answer()
    {
        await using var net = new TestNetwork(1);
        await net.Start(0);
        using var socket = await Connect(net);
        await socket.GetStream().WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        var said = new MemoryStream();
        try
        {
            await socket.GetStream().CopyToAsync(said, TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            // Cut off in the middle: an end too.
        }
        // At most TLS' own alert (21), which says that this is none.
        said.ToArray().Take(1).ShouldAllBe(type => type == 21);
    }

    [Fact]
    public async Task A_validator_under_another_key_is_not_talked_to()
    {
        await using var net = new TestNetwork(1);
        await net.Start(0);
        using var client = new HttpClient(TransportCertificate.Handler(net.Host, TestNetwork.NewKey(KeyPurpose.Transport).Public.Kid))
        {
            BaseAddress = new($"https://{net.AddressOf(0)}"), DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        await Should.ThrowAsync<HttpRequestException>(() => TestNetwork.Call(client, "GetHead", new HeadRequest(), Block.Parser));
    }

    [Fact]
    public async Task A_host_opens_no_stream_of_a_peer()
    {
        await using var net = new TestNetwork(1);
        await net.Start(0);
        using var host = net.ClientOf(0);
        using var nothing = new ByteArrayContent([]);
        using var answer = await host.PostAsync(PeerEndpoint.Path, nothing, TestContext.Current.CancellationToken);
        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public void A_certificate_of_another_curve_names_no_key()
    {
        using var p384 = TransportCertificate.Create(ECDsa.Create(ECCurve.NamedCurves.nistP384));
        TransportCertificate.KidOf(p384).ShouldBe("");
        TransportCertificate.KidOf(null).ShouldBe("");
    }

    private static async Task<SslProtocols> Handshake(TestNetwork net, SslProtocols offered)
    {
        using var socket = await Connect(net);
        await using var tls = new SslStream(socket.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "eventledger",
            EnabledSslProtocols = offered,
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            ClientCertificateContext = SslStreamCertificateContext.Create(net.Host, null, offline: true),
            RemoteCertificateValidationCallback = (_, shown, _, _) => TransportCertificate.KidOf(shown) == net.TransportKidOf(0),
        }, TestContext.Current.CancellationToken);
        return tls.SslProtocol;
    }

    private static async Task<TcpClient> Connect(TestNetwork net)
    {
        var socket = new TcpClient();
        await socket.ConnectAsync(IPEndPoint.Parse(net.AddressOf(0)), TestContext.Current.CancellationToken);
        return socket;
    }
}
