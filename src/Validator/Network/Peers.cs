using System.Collections.Frozen;
using System.Security.Cryptography.X509Certificates;
using EventLedger.Validator.Network.Wire;

namespace EventLedger.Validator.Network;

/// <summary>The streams to all peers, who may change. Sending never waits.</summary>
public sealed class Peers : IAsyncDisposable
{
    private readonly PeerAccounts accounts;
    private readonly Lock gate = new();
    private readonly List<Task> ending = [];
    private readonly Action<string> opened;
    private X509Certificate2 own;
    private volatile FrozenDictionary<string, PeerLink> links = FrozenDictionary<string, PeerLink>.Empty;
    private FrozenDictionary<string, (CancellationTokenSource Stop, Task Running)> runs = FrozenDictionary<string, (CancellationTokenSource, Task)>.Empty;

    /// <summary>Opens a stream to each peer and keeps it open; <paramref name="opened"/> hears the peer's kid whenever one opens.</summary>
    public Peers(IEnumerable<PeerAddress> peers, X509Certificate2 own, Action<string> opened, PeerAccounts? accounts = null)
    {
        (this.own, this.opened, this.accounts) = (own, opened, accounts ?? new());
        Update(peers, own);
    }

    /// <summary>
    /// Other peers, or another certificate of the own: streams to those who are gone close, and to those who came open. With another certificate
    /// all open anew.
    /// </summary>
    public void Update(IEnumerable<PeerAddress> peers, X509Certificate2 certificate)
    {
        lock (gate)
        {
            var wanted = peers.ToDictionary(p => p.Kid, StringComparer.Ordinal);
            var kept = ReferenceEquals(own, certificate) ? links.Values.Where(l => wanted.ContainsKey(l.Peer.Kid)).ToList() : [];
            own = certificate;
            var keptKids = kept.Select(l => l.Peer.Kid).ToHashSet(StringComparer.Ordinal);
            foreach (var link in kept)
            {
                link.Peer = wanted[link.Peer.Kid];
            }
            var gone = runs.Where(r => !keptKids.Contains(r.Key)).Select(r => (Link: links[r.Key], r.Value.Stop, r.Value.Running)).ToList();
            var came = wanted.Values.Where(p => !keptKids.Contains(p.Kid)).Select(p => new PeerLink(p, own, opened)).ToList();
            links = kept.Concat(came).ToFrozenDictionary(l => l.Peer.Kid, StringComparer.Ordinal);
            runs = runs.Where(r => keptKids.Contains(r.Key)).Concat(came.Select(Run)).ToFrozenDictionary(StringComparer.Ordinal);
            ending.RemoveAll(t => t.IsCompleted);
            ending.AddRange(gone.Select(g => End(g.Link, g.Stop, g.Running)));
        }
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

    /// <summary>Whether a block waits for a peer that has not read on.</summary>
    public bool HasBlock(string kid) => links.TryGetValue(kid, out var link) && link.HasBlock;

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
        Update([], own);
        await Task.WhenAll(ending);
    }

    private static KeyValuePair<string, (CancellationTokenSource, Task)> Run(PeerLink link)
    {
        var stop = new CancellationTokenSource();
        return new(link.Peer.Kid, (stop, Task.Run(() => link.Run(stop.Token))));
    }

    private static async Task End(PeerLink link, CancellationTokenSource stop, Task running)
    {
        await stop.CancelAsync();
        await running;
        link.Dispose();
        stop.Dispose();
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
