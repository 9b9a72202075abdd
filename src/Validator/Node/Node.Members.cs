using EventLedger.Domain.Ledger;
using EventLedger.Validator.Consensus;
using EventLedger.Validator.Network;

namespace EventLedger.Validator.Node;

/// <summary>What a change of the validator set means here: whose votes count, whom this validator talks with, and under which key it signs.</summary>
public sealed partial class Node
{
    private ValidatorSet? followedSet;
    private ValidatorRoll? followedRoll;

    /// <summary>
    /// Finds a key of this validator that is in a set; each has a guard and a log of its own, for what the one has signed says nothing about the other.
    /// It takes over at the height from which on it is in the set and the key before it is not.
    /// </summary>
    public Func<ValidatorSet, Signer?>? KeyIn { get; set; }

    /// <summary>Peers that the operator of this validator names, for a start so late that the ledger as it is known here knows nobody who still runs.</summary>
    public IReadOnlyList<PeerAddress> Seeds { get; set; } = [];

    /// <summary>Hears from within the loop who may connect now, and which key this validator signs with.</summary>
    public Action<Roster, string>? Moved { get; set; }

    /// <summary>Whom this validator talks with as of its head.</summary>
    public Roster Roster { get; private set; } = Roster.Empty;

    private bool IsObserving => !MaySign || chain.State.Set.Find(signer.Kid) is null;

    private Member? Own() => chain.State.Registry.Roll.Known.GetValueOrDefault(signer.Kid)?.Validator.Member;

    private void Become(Signer next)
    {
        signer = next;
        // What still waits was meant for the core and the key before.
        own.Clear();
        heldBack.Clear();
        driver = new(signer.Kid, chain.Head.Height) { Applied = Applied };
        begun = chain.Head.Height;
        loggedUpTo = LastLogged();
        rejoin = Rejoin.Begin(signer.Kid, Set(), signer.Guard, chain.Head.Height);
        outbox.Add(() => outside.Broadcast(new() { VotesRequest = new() { Kid = signer.Kid } }));
    }

    // Called whenever the head has moved; mostly nothing has changed.
    private void FollowSet()
    {
        var (set, roll) = (chain.State.Set, chain.State.Registry.Roll);
        if (set == followedSet && roll == followedRoll)
        {
            return;
        }
        (followedSet, followedRoll) = (set, roll);
        rejoin = rejoin.Follow(Set());
        if (set.Find(signer.Kid) is null && KeyIn?.Invoke(set) is { } next)
        {
            log.LogWarning("From height {Height} on this validator signs with key {Kid}.", chain.Head.Height + 1, next.Kid);
            Become(next);
        }
        Roster = Roster.Of(chain.State, signer.Kid, Seeds);
        Moved?.Invoke(Roster, signer.Kid);
        foreach (var gone in peerHeights.Keys.Where(kid => !Roster.Peers.Any(p => p.Kid == kid)).ToList())
        {
            peerHeights.Remove(gone);
        }
    }
}
