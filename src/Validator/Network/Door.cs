using System.Collections.Frozen;
using System.Security.Cryptography.X509Certificates;
using EventLedger.Domain.Ledger;

namespace EventLedger.Validator.Network;

/// <summary>Whom this validator lets in and what it shows them: both follow the ledger, block by block, while it runs.</summary>
public sealed class Door(Genesis genesis, OwnKeys own, PeerAccounts accounts)
{
    private readonly FrozenSet<string> hosts = genesis.Hosts.Select(h => h.Transport.Kid).ToFrozenSet(StringComparer.Ordinal);
    private volatile Roster roster = Roster.Empty;
    private volatile X509Certificate2 certificate = own.First.Certificate;
    private Action<IEnumerable<PeerAddress>, X509Certificate2>? update;

    /// <summary>What this validator shows at its own port and at its peers'.</summary>
    public X509Certificate2 Certificate => certificate;

    /// <summary>Whether a caller with this transport key may connect: a peer that is not shut out for a while, or a host of the genesis file.</summary>
    public bool Admits(string transport) => PeerOf(transport) is { } peer ? !accounts.Of(peer).IsClosed(PeerAccounts.NowMs) : hosts.Contains(transport);

    /// <summary>The peer with this transport key; null for a host or a stranger.</summary>
    public string? PeerOf(string transport) => roster.KidOf.GetValueOrDefault(transport);

    /// <summary>Opens the streams to all peers.</summary>
    public Peers Open(Action<string> opened)
    {
        var peers = new Peers(roster.Peers, certificate, opened, accounts);
        update = peers.Update;
        return peers;
    }

    /// <summary>The ledger names other peers, or another key of this validator.</summary>
    /// <param name="now">Whom it names.</param>
    /// <param name="kid">Id of the consensus key in use here.</param>
    public void Move(Roster now, string kid)
    {
        (roster, certificate) = (now, own.Of(kid).Certificate);
        update?.Invoke(now.Peers, certificate);
    }
}
