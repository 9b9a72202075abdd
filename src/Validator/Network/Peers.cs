using System.Collections.Frozen;
using System.Security.Cryptography.X509Certificates;
using EventLedger.Validator.Network.Wire;

namespace EventLedger.Validator.Network;

/// <summary>The streams to all peers. Sending never waits.</summary>
public sealed class Peers : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private readonly FrozenDictionary<string, PeerLink> links;
    private readonly PeerAccounts accounts;
    private readonly Task running;

    /// <summary>Opens a stream to each peer and keeps it open; <paramref name="opened"/> hears the peer's kid whenever one opens.</summary>
    public Peers(IEnumerable<PeerAddress> peers, X509Certificate2 own, Action<string> opened, PeerAccounts? accounts = null)
    {
        this.accounts = accounts ?? new();
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
            Send(link, message, outgoing);
        }
    }

    /// <summary>Sends to one; a stranger is ignored.</summary>
    public void Send(string kid, PeerMessage message)
    {
        if (links.TryGetValue(kid, out var link))
        {
            Send(link, message, Outgoing.From(message));
        }
    }

    /// <summary>A peer did something wrong; a stranger is ignored.</summary>
    public void Blame(string kid, PeerFault fault)
    {
        if (links.ContainsKey(kid))
        {
            accounts.Of(kid).Blame(fault, PeerAccounts.NowMs);
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

    // A peer may answer what it is asked, and what it is answered counts against what it asks next.
    private void Send(PeerLink link, PeerMessage message, Outgoing outgoing)
    {
        var account = accounts.Of(link.Peer.Kid);
        switch (message.BodyCase)
        {
            case PeerMessage.BodyOneofCase.BatchRequest: account.Asked(PeerMessage.BodyOneofCase.Batch); break;
            case PeerMessage.BodyOneofCase.BlockRequest: account.Asked(PeerMessage.BodyOneofCase.Block); break;
            case PeerMessage.BodyOneofCase.VotesRequest: account.Asked(PeerMessage.BodyOneofCase.Votes); break;
            case PeerMessage.BodyOneofCase.Batch or PeerMessage.BodyOneofCase.Block: account.Answered(outgoing.Frame.Length, PeerAccounts.NowMs); break;
            default: break;
        }
        link.Send(outgoing);
    }
}
