using EventLedger.Domain.Ledger;
using EventLedger.Validator.Consensus;
using EventLedger.Validator.Network;
using EventLedger.Validator.Network.Wire;

namespace EventLedger.Validator.Node;

/// <summary>Signatures that peers bring: each is verified once, and each peer causes only so many verifications.</summary>
public sealed partial class Node
{
    private readonly ProvenVotes proven = new();
    private readonly SignatureChecks checks = new();

    private void HearCertificate(string peer, Certificate wire)
    {
        var votes = new List<Vote>();
        foreach (var item in wire.Votes.Take(31))
        {
            if (!WireForms.TryRead(item, out var vote))
            {
                peers?.Blame(peer, PeerFault.Malformed);
                return;
            }
            if (vote.Height != chain.Head.Height + 1)
            {
                peers?.Blame(peer, PeerFault.Useless);
                return;
            }
            if (!IsSigned(peer, vote))
            {
                return;
            }
            votes.Add(vote);
        }
        if (votes.Count > 0)
        {
            TryBegin(isPeerThere: true);
            Feed(new Input.Certificate([.. votes]));
        }
    }

    private bool IsSigned(string peer, Vote vote)
    {
        if (proven.Has(vote))
        {
            return true;
        }
        if (!IsVerified(peer, vote.From, member => Signer.Verify(genesis.Chain, vote, member)))
        {
            return false;
        }
        proven.Add(vote);
        return true;
    }

    private bool IsSigned(string peer, Proposal p) => IsVerified(peer, p.From, member => Signer.Verify(genesis.Chain, p, member));

    // Whoever brings a signature pays for its check, whoever is said to have made it.
    private bool IsVerified(string peer, string from, Func<Member, bool> verify)
    {
        if (chain.State.Set.Find(from) is not { } member)
        {
            peers?.Blame(peer, PeerFault.Useless);
            return false;
        }
        if (!checks.TryTake(peer))
        {
            return false;
        }
        var isGood = verify(member);
        if (!isGood)
        {
            peers?.Blame(peer, PeerFault.Forged);
        }
        return isGood;
    }
}
