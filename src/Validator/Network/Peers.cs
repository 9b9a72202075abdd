using System.Collections.Frozen;
using System.Security.Cryptography.X509Certificates;
using EventLedger.Validator.Network.Wire;

namespace EventLedger.Validator.Network;

/// <summary>The streams to all peers. Sending never waits.</summary>
public sealed class Peers : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private readonly FrozenDictionary<string, PeerLink> links;
    private readonly Task running;

    /// <summary>Opens a stream to each peer and keeps it open; <paramref name="opened"/> hears the peer's kid whenever one opens.</summary>
    public Peers(IEnumerable<PeerAddress> peers, X509Certificate2 own, Action<string> opened)
    {
        links = peers.ToFrozenDictionary(p => p.Kid, p => new PeerLink(p, own, opened));
        running = Task.WhenAll(links.Values.Select(link => Task.Run(() => link.Run(stopping.Token))));
    }

    /// <summary>The kids of all peers.</summary>
    public IReadOnlyList<string> All => links.Keys;

    /// <summary>The kids of the peers whose stream is open now.</summary>
    public IReadOnlyList<string> Connected => [.. links.Values.Where(l => l.IsOpen).Select(l => l.Peer.Kid)];

    /// <summary>Sends to all.</summary>
    public void Broadcast(PeerMessage message)
    {
        var outgoing = Outgoing.From(message);
        foreach (var link in links.Values)
        {
            link.Send(outgoing);
        }
    }

    /// <summary>Sends to one; a stranger is ignored.</summary>
    public void Send(string kid, PeerMessage message)
    {
        if (links.TryGetValue(kid, out var link))
        {
            link.Send(Outgoing.From(message));
        }
    }

    /// <summary>A peer has opened its stream: the one to it is tried at once.</summary>
    public void Wake(string kid)
    {
        if (links.TryGetValue(kid, out var link))
        {
            link.Wake();
        }
    }

    /// <summary>Closes all streams.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running;
        foreach (var link in links.Values)
        {
            link.Dispose();
        }
        stopping.Dispose();
    }
}
