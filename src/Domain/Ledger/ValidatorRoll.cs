using System.Collections.Immutable;
using System.Text.Json;

namespace EventLedger.Domain.Ledger;

/// <summary>Where the keys stand that a validator's body brought.</summary>
public enum SeatState
{
    /// <summary>Let in as an observer: it may sync and verify, and has no vote.</summary>
    Invited,

    /// <summary>In the newest set.</summary>
    Seated,

    /// <summary>A later key of the same body has the seat. Its transport key still gets in: a node that was away must learn of the rotation.</summary>
    Replaced,

    /// <summary>Let go. Its keys never come back.</summary>
    Gone,
}

/// <summary>The keys that a body brought, by the genesis file or by an invitation.</summary>
/// <param name="Validator">Name, address and keys; the power counts only in a seat.</param>
/// <param name="State">Where they stand.</param>
public sealed record Introduction(GenesisValidator Validator, SeatState State)
{
    /// <summary>Thumbprint of the consensus key.</summary>
    public string Kid => Validator.Member.Kid;

    /// <summary>Whether a change may give it a seat, or leave it in one.</summary>
    public bool IsEligible => State is SeatState.Invited or SeatState.Seated;
}

/// <summary>All validators that were ever introduced, and the newest set of them, which is in force from the second block after its change.</summary>
/// <param name="Set">The newest set.</param>
/// <param name="Known">Introductions by consensus key.</param>
/// <param name="Taken">Ids of all keys of validators and hosts, whatever became of them.</param>
public sealed record ValidatorRoll(ValidatorSet Set, ImmutableDictionary<string, Introduction> Known, ImmutableHashSet<string> Taken)
{
    /// <summary>What holds at height 0.</summary>
    public static ValidatorRoll From(Genesis genesis) => new(genesis.Set,
        genesis.Validators.ToImmutableDictionary(v => v.Member.Kid, v => new Introduction(v, SeatState.Seated)),
        [.. genesis.Validators.SelectMany(v => KeysOf(v.Member)).Select(k => k.Value.Kid), .. genesis.Hosts.SelectMany(h => (string[])[h.Receipt.Kid, h.Status.Kid, h.Transport.Kid])]);

    /// <summary>All keys of a member by purpose, the consensus key among them.</summary>
    public static IEnumerable<KeyValuePair<string, Jwk>> KeysOf(Member member) => member.Keys.Append(KeyValuePair.Create(KeyPurpose.Consensus, member.Jwk));

    /// <summary>The introductions in a state, in order of their names and keys.</summary>
    public IEnumerable<Introduction> In(SeatState state) => Known.Values.Where(i => i.State == state)
        .OrderBy(i => i.Validator.Name, StringComparer.Ordinal).ThenBy(i => i.Kid, StringComparer.Ordinal);

    /// <summary>The roll after a change to <c>[{kid, power}, …]</c>, ascending by kid.</summary>
    /// <returns>Null, or the rejection code that says why there cannot be such a set; then there is no next roll.</returns>
    public string? Problem(JsonElement members, out ValidatorRoll? next)
    {
        next = null;
        if (members.ValueKind != JsonValueKind.Array || members.GetArrayLength() is < ValidatorSet.MembersMin or > ValidatorSet.MembersMax)
        {
            return RejectionCode.SetSize;
        }
        var seats = new List<GenesisValidator>();
        foreach (var item in members.EnumerateArray())
        {
            if (!Members.TryRead(item, out var m, "kid", "power") || !m.TryText("kid", out var kid) || m["power"].ValueKind != JsonValueKind.Number
                || (seats.Count > 0 && string.CompareOrdinal(seats[^1].Member.Kid, kid) >= 0))
            {
                return RejectionCode.DataMalformed;
            }
            if (!m["power"].TryGetInt32(out var power) || power < 1)
            {
                return RejectionCode.SetPower;
            }
            if (!Known.TryGetValue(kid, out var known) || !known.IsEligible)
            {
                return RejectionCode.ValidatorUnknown;
            }
            seats.Add(known.Validator with { Member = known.Validator.Member with { Power = power } });
        }
        if (seats.Sum(s => s.Member.Power) > int.MaxValue)
        {
            return RejectionCode.SetPower;
        }
        if (seats.DistinctBy(s => s.Name).Count() != seats.Count)
        {
            return RejectionCode.SetNames;
        }
        var keys = seats.SelectMany(s => ValidatorRoll.KeysOf(s.Member)).Select(k => k.Value.Kid).ToList();
        if (keys.Distinct().Count() != keys.Count)
        {
            return RejectionCode.KeyKnown;
        }
        var set = new ValidatorSet(seats.Select(s => s.Member));
        if (set.Hash == Set.Hash)
        {
            return RejectionCode.SetUnchanged;
        }
        var names = seats.Select(s => s.Name).ToHashSet(StringComparer.Ordinal);
        var unseated = Known.SetItems(Known.Where(i => !set.Members.Any(s => s.Kid == i.Key) && i.Value.State is SeatState.Seated or SeatState.Replaced)
            .Select(i => KeyValuePair.Create(i.Key, i.Value with { State = names.Contains(i.Value.Validator.Name) ? SeatState.Replaced : SeatState.Gone })));
        next = this with { Set = set, Known = unseated.SetItems(seats.Select(s => KeyValuePair.Create(s.Member.Kid, new Introduction(s, SeatState.Seated)))) };
        return null;
    }
}
