using System.Collections.Frozen;
using EventLedger.Domain.Ledger;

namespace EventLedger.Validator.Network;

/// <summary>
/// Who may connect, and where each is reached, by the ledger as far as this validator has it: the set in force, the one that follows, whoever is invited
/// to observe, and keys that a rotation has replaced. At height 0 that is the genesis set. So a start finds somebody: whoever was away
/// during changes still has a seat for the others, and they have one for it.
/// </summary>
/// <param name="Peers">All but this validator itself.</param>
/// <param name="KidOf">Peers by each transport key that they may show.</param>
public sealed record Roster(IReadOnlyList<PeerAddress> Peers, FrozenDictionary<string, string> KidOf)
{
    /// <summary>Nobody.</summary>
    public static Roster Empty { get; } = new([], FrozenDictionary<string, string>.Empty);

    /// <summary>The roster as of a state.</summary>
    /// <param name="state">The ledger.</param>
    /// <param name="own">Consensus key of this validator.</param>
    /// <param name="seeds">Counted as long as the ledger says nothing of them.</param>
    public static Roster Of(LedgerState state, string own, IReadOnlyList<PeerAddress> seeds)
    {
        var roll = state.Registry.Roll.Known;
        var self = roll.GetValueOrDefault(own)?.Validator.Name;
        List<PeerAddress> peers =
        [
            .. roll.Values.OrderBy(i => i.Kid, StringComparer.Ordinal).Where(i => i.Validator.Name != self && (i.State != SeatState.Gone || state.Set.Find(i.Kid) is not null))
                .GroupBy(i => i.Validator.Name, StringComparer.Ordinal).Select(body => Address(state, body)),
            .. seeds.Where(s => s.Kid != own && !roll.ContainsKey(s.Kid)),
        ];
        return new(peers, peers.SelectMany(p => p.TransportKids.Select(t => (Transport: t, p.Kid))).DistinctBy(t => t.Transport)
            .ToFrozenDictionary(t => t.Transport, t => t.Kid, StringComparer.Ordinal));
    }

    // A body goes by the key that votes at the next height, and is found under every key and address that it may still or already use.
    private static PeerAddress Address(LedgerState state, IEnumerable<Introduction> body)
    {
        var ordered = body.OrderBy(i => state.Set.Find(i.Kid) is not null ? 0 : state.NextSet.Find(i.Kid) is not null ? 1 : i.State == SeatState.Invited ? 2 : 3).ToList();
        return new(ordered[0].Kid, [.. ordered.Select(i => i.Validator.Address).Distinct(StringComparer.Ordinal)],
            [.. ordered.SelectMany(i => i.Validator.Member.Keys.Where(k => k.Key == KeyPurpose.Transport).Select(k => k.Value.Kid)).Distinct(StringComparer.Ordinal)]);
    }
}
