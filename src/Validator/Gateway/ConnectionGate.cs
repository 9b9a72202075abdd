using System.Collections.Concurrent;
using System.Net;
using EventLedger.Validator.Network;
using EventLedger.Wire;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace EventLedger.Validator.Gateway;

/// <summary>
/// Bounds connections before anybody may speak. A handshake costs a millisecond of a core whoever shakes hands, so each address gets only so many; and each key
/// holds only so many connections, so that none can take the places of the others.
/// </summary>
public sealed class ConnectionGate
{
    /// <summary>All connections, those in the handshake too: more than a few addresses can hold open in handshakes that they do not go on with.</summary>
    public const int ConnectionsMax = 1024;

    /// <summary>How long a handshake may take.</summary>
    public static readonly TimeSpan HandshakeMax = TimeSpan.FromSeconds(3);

    /// <summary>Connections of one key; a validator needs one to each peer, a host's processes share a key. When there are more, the oldest closes: it may be a dead one.</summary>
    public const int PerKeyMax = 16;

    /// <summary>
    /// Handshakes per second from one address, and at once. A peer that is away is tried twice a second at most once it has been tried a few
    /// times; at once come 30 peers and the hosts behind one address, three times over.
    /// </summary>
    public const int HandshakesPerSecond = 20, HandshakesBurst = 100;

    // More than so many addresses at a time share one budget, so that their number costs no memory.
    private const int AddressesMax = 1024;

    private readonly Lock gate = new();
    private readonly Dictionary<IPAddress, Budget> addresses = [];
    private readonly Budget others = new(HandshakesPerSecond, HandshakesBurst);
    private readonly ConcurrentDictionary<string, LinkedList<ConnectionContext>> keys = new(StringComparer.Ordinal);

    /// <summary>Puts the gate around TLS.</summary>
    public void Use(ListenOptions listen, Action<ListenOptions> tls)
    {
        listen.Use(next => connection => MayShakeHands((connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None, PeerAccounts.NowMs) ? next(connection) : Refuse(connection));
        tls(listen);
        listen.Use(next => connection => Hold(next, connection));
    }

    /// <summary>Whether an address may shake hands once more.</summary>
    public bool MayShakeHands(IPAddress address, long nowMs)
    {
        lock (gate)
        {
            if (!addresses.TryGetValue(address, out var budget))
            {
                if (addresses.Count >= AddressesMax)
                {
                    foreach (var (idle, _) in addresses.Where(a => a.Value.Left(nowMs) == HandshakesBurst).ToList())
                    {
                        addresses.Remove(idle);
                    }
                }
                budget = others;
                if (addresses.Count < AddressesMax)
                {
                    addresses.Add(address, budget = new(HandshakesPerSecond, HandshakesBurst));
                }
            }
            return budget.TrySpend(1, nowMs);
        }
    }

    private async Task Hold(ConnectionDelegate next, ConnectionContext connection)
    {
        var kid = TransportCertificate.KidOf(connection.Features.Get<ITlsConnectionFeature>()?.ClientCertificate);
        var held = keys.GetOrAdd(kid, _ => new());
        ConnectionContext? oldest = null;
        lock (held)
        {
            held.AddLast(connection);
            oldest = held.Count > PerKeyMax ? held.First!.Value : null;
        }
        oldest?.Abort();
        try
        {
            await next(connection);
        }
        finally
        {
            lock (held)
            {
                held.Remove(connection);
            }
        }
    }

    private static Task Refuse(ConnectionContext connection)
    {
        connection.Abort();
        return Task.CompletedTask;
    }
}
