using System.Collections.Concurrent;

namespace EventLedger.Validator.Network;

/// <summary>The accounts of all peers. An account outlives streams and connections: whoever comes again comes with what it did before.</summary>
public sealed class PeerAccounts
{
    private readonly ConcurrentDictionary<string, PeerAccount> accounts = new(StringComparer.Ordinal);

    /// <summary>The time by which accounts are kept, in ms; it never goes back.</summary>
    public static long NowMs => Environment.TickCount64;

    /// <summary>The account of a peer; only for a kid that is one, so that their number is bounded.</summary>
    public PeerAccount Of(string peer) => accounts.GetOrAdd(peer, kid => new(kid));

    /// <summary>How all peers stand, by kid.</summary>
    public IReadOnlyList<PeerStanding> Standings => [.. accounts.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => a.Value.Standing(NowMs))];
}
