using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Gateway;
using EventLedger.Validator.Network;
using EventLedger.Validator.Tests.Node;
using EventLedger.Wire;

namespace EventLedger.Validator.Tests.Network;

public sealed class PeerEndpointTests
{
    [Fact]
    public async Task What_is_no_message_closes_the_connection_and_the_health_says_so()
    {
        await using var net = new TestNetwork();
        await net.Start(0);
        using var own = CertificateOf(net, 1);
        using var peer = net.ClientOf(0, own);
        using var junk = new ByteArrayContent([1, 2, 3, 4, 5, 6]);
        // Whether the client finds its connection closed or its request cancelled by that depends on how far it had come.
        var ended = await Record.ExceptionAsync(() => peer.PostAsync(PeerEndpoint.Path, junk, TestContext.Current.CancellationToken));
        (ended is HttpRequestException or OperationCanceledException).ShouldBeTrue();
        using var host = net.ClientOf(0);
        var (health, _) = await TestNetwork.Call(host, "GetHealth", new HealthRequest(), HealthReply.Parser);
        var standing = health!.Standings.Single(s => s.Kid == net.Genesis.Validators[1].Member.Kid);
        (standing.Malformed, standing.Closings).ShouldBe((1, 1));
        standing.Trust.ShouldBeLessThan(100);
    }

    [Fact]
    public async Task A_peer_gets_nothing_of_the_gateway()
    {
        await using var net = new TestNetwork();
        await net.Start(0);
        using var own = CertificateOf(net, 1);
        using var peer = net.ClientOf(0, own);
        (await TestNetwork.Call(peer, "GetHead", new HeadRequest(), Block.Parser)).Status.ShouldBe($"http {(int)HttpStatusCode.Forbidden}");
    }

    [Fact]
    public void An_address_shakes_hands_so_often_and_takes_nothing_from_others()
    {
        var (gate, one, two) = (new ConnectionGate(), IPAddress.Parse("192.0.2.1"), IPAddress.Parse("2001:db8::1"));
        Enumerable.Range(0, 1000).Count(_ => gate.MayShakeHands(one, 0)).ShouldBe(ConnectionGate.HandshakesBurst);
        gate.MayShakeHands(two, 0).ShouldBeTrue();
        Enumerable.Range(0, 1000).Count(_ => gate.MayShakeHands(one, 1000)).ShouldBe(ConnectionGate.HandshakesPerSecond);
    }

    [Fact]
    public void However_many_addresses_there_are_new_ones_share_what_is_left()
    {
        var gate = new ConnectionGate();
        bool Try(int i) => gate.MayShakeHands(new IPAddress([10, 0, (byte)(i >> 8), (byte)i]), 0);
        Enumerable.Range(0, 5000).Count(Try).ShouldBe(1024 + ConnectionGate.HandshakesBurst);
    }

    private static X509Certificate2 CertificateOf(TestNetwork net, int index)
    {
        SigningKey.TryParse(File.ReadAllBytes(Path.Combine(net.DirectoryOf(index), "keys", "transport.json")), out var key).ShouldBeTrue();
        return TransportCertificate.Create(ECDsa.Create(key!.Export()));
    }
}
