using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Consensus;
using EventLedger.Validator.Network;
using EventLedger.Validator.Network.Wire;
using Step = EventLedger.Validator.Consensus.Step;
using Verdict = EventLedger.Validator.Consensus.Verdict;

namespace EventLedger.Validator.Node;

/// <summary>What peers say and ask while a height is decided.</summary>
public sealed partial class Node
{
    private const int CandidatesPerSenderMax = 4, RoundsAheadMax = 64, HeaderBytesMax = 4096, AheadPerSecond = 4, AheadBurst = 256;

    private readonly Heard heard = new();
    private readonly List<Early> early = [];
    private readonly Dictionary<string, Budget> laterVotes = [];
    private long heardHeight;
    private long ticks, tickedAt, saidHeight, stuckAt, stuckSince;

    private void Hear(string peer, PeerMessage message)
    {
        switch (message.BodyCase)
        {
            case PeerMessage.BodyOneofCase.Hello: HearHeight(peer, message.Hello.Height); break;
            case PeerMessage.BodyOneofCase.Vote: HearVote(peer, message.Vote); break;
            case PeerMessage.BodyOneofCase.Proposal: HearProposal(peer, message.Proposal); break;
            case PeerMessage.BodyOneofCase.Certificate: HearCertificate(peer, message.Certificate); break;
            case PeerMessage.BodyOneofCase.BatchRequest: AnswerBatch(peer, message.BatchRequest); break;
            case PeerMessage.BodyOneofCase.Batch: HearBatch(peer, message.Batch); break;
            case PeerMessage.BodyOneofCase.BlockRequest: AnswerBlock(peer, message.BlockRequest.From); break;
            case PeerMessage.BodyOneofCase.Block: HearBlock(peer, message.Block); break;
            case PeerMessage.BodyOneofCase.VotesRequest: AnswerVotes(peer, message.VotesRequest.Kid); break;
            case PeerMessage.BodyOneofCase.Votes: HearVotes(peer, message.Votes); break;
            default: break;
        }
    }

    private void Greet(string peer)
    {
        outside.Send(peer, new() { Hello = new() { Height = chain.Head.Height } });
        AskForVotes(peer);
        // What was said before the stream was open is lost to this peer.
        greeted = peer;
        Feed(new Input.Tick());
    }

    private void OnTick()
    {
        ticks++;
        answered.Clear();
        checks.Refill();
        foreach (var (root, _) in coming.Where(c => ticks - c.Value > 2).ToList())
        {
            coming.Remove(root);
        }
        Scrub();
        SayHeldBack();
        TryBegin();
        TryPropose();
        // Behind for a whole tick; and another peer each time, for one may lie about its height.
        List<string> ahead = tickedAt == chain.Head.Height ? [.. peerHeights.Where(p => p.Value > chain.Head.Height).Select(p => p.Key)] : [];
        if (ahead.Count > 0)
        {
            Fetch(ahead[(int)(fetches % ahead.Count)]);
        }
        // One that nobody can give must not keep the others from being mended, and neither must a peer that only says that it is ahead. A peer answers one
        // question at a time.
        if (damaged.Count > 0 && damaged.Keys.ElementAt((int)(ticks % damaged.Count)) is var height
            && peerHeights.Where(p => p.Value >= height && (p.Key, ticks) != (fetching.Peer, fetching.Ticks)).Select(p => p.Key).ToList() is [_, ..] holders)
        {
            Ask(holders[(int)(ticks / damaged.Count % holders.Count)], height);
        }
        tickedAt = chain.Head.Height;
        if (stuckAt != chain.Head.Height)
        {
            (stuckAt, stuckSince) = (chain.Head.Height, ticks);
        }
        if (ticks % 4 != 0)
        {
            return;
        }
        if (ticks - stuckSince >= 4 && driver.State.Height > chain.Head.Height)
        {
            greeted = null;
            Feed(new Input.Tick());
        }
        if (IsWaiting)
        {
            outside.Broadcast(new() { VotesRequest = new() { Kid = signer.Kid } });
        }
        if (saidHeight != chain.Head.Height)
        {
            saidHeight = chain.Head.Height;
            outside.Broadcast(new() { Hello = new() { Height = saidHeight } });
        }
    }

    private void HearVote(string peer, SignedVote wire)
    {
        if (!WireForms.TryRead(wire, out var vote))
        {
            outside.Blame(peer, PeerFault.Malformed);
            return;
        }
        if (!IsJustOver(vote.Height) && !IsInWork(peer, vote.Height))
        {
            return;
        }
        var saying = new Heard.Saying(vote.Height, vote.Round, vote.Step, vote.Value);
        if (heard.Has(vote.From, saying) || !IsSigned(peer, vote) || !MayCount(vote))
        {
            return;
        }
        Remember(vote);
        if (IsWaiting)
        {
            return;
        }
        heard.Add(vote.From, saying, vote.Signature);
        TryBegin(isPeerThere: vote.Height == chain.Head.Height + 1);
        Feed(new Input.GotVote(vote));
    }

    // Each vote that the core counts goes into the log. Who votes for ever higher rounds, where nobody else is, is heard as often as a validator that lags behind
    // needs to find the others: it is told their newest votes again each second.
    private bool MayCount(Vote vote)
    {
        if (vote.Height != driver.State.Height || vote.Round <= driver.State.Round + 1)
        {
            return true;
        }
        if (!laterVotes.TryGetValue(vote.From, out var budget))
        {
            laterVotes.Add(vote.From, budget = new(AheadPerSecond, AheadBurst));
        }
        return budget.TrySpend(1, ticks * 250);
    }

    private void HearProposal(string peer, SignedProposal wire)
    {
        if (!WireForms.TryRead(wire, out var p) || wire.Header.Length > HeaderBytesMax)
        {
            outside.Blame(peer, PeerFault.Malformed);
            return;
        }
        if (IsJustOver(p.Height))
        {
            HearLate(peer, p);
            return;
        }
        if (!IsInWork(peer, p.Height) || !IsExpected(p))
        {
            return;
        }
        var saying = new Heard.Saying(p.Height, p.Round, Step.Propose, p.Value);
        // What had to make room is taken again when it comes again.
        if ((heard.Has(p.From, saying) && (candidates.ContainsKey(p.Value) || early.Any(e => e.Proposal.Value == p.Value)))
            || !IsSigned(peer, p) || Digest.Of(wire.Header.Span) != p.Value
            || !BlockHeader.TryParse(wire.Header.Memory, out var header))
        {
            return;
        }
        Remember(p);
        if (IsWaiting)
        {
            return;
        }
        heard.Add(p.From, saying, p.Signature);
        var now = LedgerTime.From(outside.Clock.GetUtcNow());
        if (p.Height > chain.Head.Height + 1)
        {
            // The header cannot be judged before the block under it is here: the core asks for it when its height begins.
            if (early.FindAll(e => e.Proposal.From == p.From) is { Count: >= CandidatesPerSenderMax } own)
            {
                early.Remove(own[0]);
            }
            early.Add(new(p, wire.Header.Memory, now));
            Feed(new Input.GotProposal(p, Verdict.Unknown, IsNear(header.Time, now)));
            return;
        }
        if (!candidates.TryGetValue(p.Value, out var candidate))
        {
            if (!HasRoom(p) || chain.Read(wire.Header.Memory) is not { } read)
            {
                return;
            }
            candidates[p.Value] = candidate = read;
            (candidate.From, candidate.HeardAt) = (p.From, now);
        }
        candidate.Said(p);
        Judge(candidate);
        TryBegin(isPeerThere: true);
        Feed(new Input.GotProposal(p, Known(candidate), IsNear(header.Time, now) && !candidate.IsBackdated));
        if (candidate.IsValid is { } valid)
        {
            // After a restart the core may hold this proposal without its content.
            Feed(new Input.Checked(p.Height, p.Value, valid));
        }
    }

    private static bool IsNear(LedgerTime time, LedgerTime now) => Math.Abs(time.UnixMs - now.UnixMs) <= 10_000;

    // Whose turn it is after the next block, only that block tells.
    private bool IsExpected(Proposal p)
    {
        if (p.Height > chain.Head.Height + 1)
        {
            return true;
        }
        var order = ProposerOrder();
        var round = driver.State.Height == p.Height ? Math.Max(0, driver.State.Round) : 0;
        return p.From == order[p.Round % order.Length] && p.Round <= (long)round + RoundsAheadMax;
    }

    // A newer round of the same sender pushes out its oldest, never a value that this validator has voted for: it may be decided yet.
    private bool HasRoom(Proposal p)
    {
        bool IsBound(Digest value) => logged.Contains(value) || value == driver.State.Locked?.Value || value == driver.State.Valid?.Value;
        var loose = candidates.Values.Where(c => c.From == p.From && !IsBound(c.Value)).ToList();
        return loose.Count < CandidatesPerSenderMax || (loose.MinBy(c => c.Round) is { } oldest && oldest.Round < p.Round && candidates.Remove(oldest.Value));
    }

    // Whether a message is of this height or the next. What a peer says of others goes to no account but its own until a signature is verified.
    private bool IsInWork(string peer, long height)
    {
        if (height > chain.Head.Height + 1)
        {
            HearHeight(peer, Math.Max(height - 1, peerHeights.GetValueOrDefault(peer)));
            heardHeight = Math.Max(heardHeight, Math.Min(height, chain.Head.Height + 2));
        }
        var isNear = height == chain.Head.Height + 1 || height == chain.Head.Height + 2;
        if (!isNear)
        {
            outside.Blame(peer, PeerFault.Useless);
        }
        return isNear;
    }

    private sealed record Early(Proposal Proposal, ReadOnlyMemory<byte> Header, LedgerTime HeardAt);
}
