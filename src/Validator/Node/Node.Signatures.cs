using EventLedger.Domain.Ledger;
using EventLedger.Validator.Consensus;
using EventLedger.Validator.Network;
using EventLedger.Validator.Network.Wire;

namespace EventLedger.Validator.Node;

/// <summary>Signatures that peers bring: each is verified once, and each peer causes only so many verifications.</summary>
public sealed partial class Node
{
    private readonly SignatureChecks checks = new();

    private void HearCertificate(string peer, Certificate wire)
    {
        var votes = new List<Vote>();
        foreach (var item in wire.Votes.Take(31))
        {
            if (!WireForms.TryRead(item, out var vote))
            {
                outside.Blame(peer, PeerFault.Malformed);
                return;
            }
            if (vote.Height != chain.Head.Height + 1)
            {
                outside.Blame(peer, PeerFault.Useless);
                return;
            }
            // What was verified before costs nothing again, and the signature that was verified is the one to keep.
            var saying = new Heard.Saying(vote.Height, vote.Round, vote.Step, vote.Value);
            if (heard.Signature(vote.From, saying) is { } known)
            {
                votes.Add(vote with { Signature = known });
                continue;
            }
            if (!IsSigned(peer, vote))
            {
                return;
            }
            heard.Add(vote.From, saying, vote.Signature);
            votes.Add(vote);
        }
        if (votes.Count > 0)
        {
            TryBegin(isPeerThere: true);
            Feed(new Input.Certificate([.. votes]));
        }
    }

    private bool IsSigned(string peer, Vote vote) => IsVerified(peer, vote.From, vote.Height, member => signer.Verify(vote, member));

    private bool IsSigned(string peer, Proposal p) => IsVerified(peer, p.From, p.Height, member => signer.Verify(p, member));

    // Whoever brings a signature pays for its check, whoever is said to have made it.
    private bool IsVerified(string peer, string from, long height, Func<Member, bool> verify)
    {
        if (chain.State.SetAt(height).Find(from) is not { } member)
        {
            outside.Blame(peer, PeerFault.Useless);
            return false;
        }
        if (!checks.TryTake(peer))
        {
            return false;
        }
        var isGood = verify(member);
        if (!isGood)
        {
            outside.Blame(peer, PeerFault.Forged);
        }
        return isGood;
    }
}
