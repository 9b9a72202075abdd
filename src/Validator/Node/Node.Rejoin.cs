using EventLedger.Validator.Consensus;
using EventLedger.Validator.Network;
using EventLedger.Validator.Network.Wire;
using Step = EventLedger.Validator.Consensus.Step;

namespace EventLedger.Validator.Node;

/// <summary>What a validator that starts anew asks its peers: the newest votes of its own key, which its disk may have forgotten.</summary>
public sealed partial class Node
{
    private readonly Dictionary<(string Kid, Step Step), (SignedVote? Vote, SignedProposal? Proposal)> newest = [];

    // Votes that became due while peers were still asked, such as by a batch that came; a step that is passed without its vote may leave no timer to go on by.
    private readonly List<Output.SendVote> heldBack = [];

    // A quorum of answers is needed; the others get a second more. Who alone saw the last vote of this key should be heard before it signs anew.
    private const int ListenTicks = 4;

    /// <summary>Its peers have not yet told what its key has signed. Until then what others say is remembered for who may ask, and nothing more.</summary>
    public bool IsWaiting => rejoin.IsWaiting || (ticks < ListenTicks && !rejoin.HasAllAnswers);

    private bool MaySign => !IsWaiting && rejoin.MaySign;

    // The head has moved. Whoever may sign from here on has its guard before anything of the next height comes: without one it would stay silent, and
    // where its voice is needed no block would follow to give it one.
    private void LookedOn()
    {
        rejoin = rejoin.HeightDecided(chain.Head.Height);
        if (MaySign && rejoin.NeedsGuard(signer.Guard))
        {
            signer.Begin(chain.Head.Height, outside.Clock.GetUtcNow().ToUnixTimeMilliseconds());
        }
    }

    // The guard has its say, so a vote of a place that was left meanwhile is not cast.
    private void SayHeldBack()
    {
        if (!IsWaiting)
        {
            heldBack.ForEach(Do);
            heldBack.Clear();
        }
    }

    private void Remember(Vote vote)
    {
        if (!newest.TryGetValue((vote.From, vote.Step), out var known) || (known.Vote!.Height, known.Vote.Round).CompareTo((vote.Height, vote.Round)) <= 0)
        {
            newest[(vote.From, vote.Step)] = (WireForms.Write(vote), null);
        }
    }

    private void Remember(Proposal p)
    {
        if (!newest.TryGetValue((p.From, Step.Propose), out var known) || (known.Proposal!.Height, known.Proposal.Round).CompareTo((p.Height, p.Round)) <= 0)
        {
            newest[(p.From, Step.Propose)] = (null, WireForms.Write(p, default));
        }
    }

    // Asked before its stream to this node was open, a peer could not answer.
    private void AskForVotes(string peer) => outside.Send(peer, new() { VotesRequest = new() { Kid = signer.Kid } });

    private void AnswerVotes(string peer, string kid)
    {
        var reply = new VotesReply { Kid = kid, Head = chain.Head.Height };
        reply.Votes.AddRange(newest.Where(n => n.Key.Kid == kid && n.Value.Vote is not null).Select(n => n.Value.Vote));
        reply.Proposals.AddRange(newest.Where(n => n.Key.Kid == kid && n.Value.Proposal is not null).Select(n => n.Value.Proposal));
        outside.Send(peer, new() { Votes = reply });
    }

    private void HearVotes(string peer, VotesReply reply)
    {
        if (reply.Kid != signer.Kid || reply.Votes.Count > 8 || reply.Proposals.Count > 8 || Own() is not { } self)
        {
            return;
        }
        var shown = new List<SignGuard>();
        foreach (var wire in reply.Votes)
        {
            if (WireForms.TryRead(wire, out var vote) && vote.From == signer.Kid && signer.Verify(vote, self))
            {
                shown.Add(new(vote.Height, vote.Round, vote.Step, vote.Value));
            }
        }
        foreach (var wire in reply.Proposals)
        {
            if (WireForms.TryRead(wire, out var p) && p.From == signer.Kid && signer.Verify(p, self))
            {
                shown.Add(new(p.Height, p.Round, Step.Propose, p.Value));
            }
        }
        rejoin = rejoin.Answer(peer, signer.Guard, shown, reply.Head);
        SayHeldBack();
        TryBegin();
        TryPropose();
    }
}
