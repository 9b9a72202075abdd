using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Consensus;
using EventLedger.Validator.Network;
using EventLedger.Validator.Network.Wire;
using Google.Protobuf;
using Step = EventLedger.Validator.Consensus.Step;
using Verdict = EventLedger.Validator.Consensus.Verdict;

namespace EventLedger.Validator.Node;

/// <summary>What the core asks for, and how it is done: note, sign, flush, send, seal.</summary>
public sealed partial class Node
{
    private string? greeted;   // Who alone is told again, for its stream has just opened.
    private long resent;
    private readonly Dictionary<Digest, long> coming = [];   // Batches of hosts that are being read, by root, and since when in ticks.

    private void Feed(Input input) => own.Enqueue(input);

    // Runs the core until it asks for nothing more; only then one flush, and only then anything leaves.
    private void Drain()
    {
        do
        {
            while (own.TryDequeue(out var input))
            {
                foreach (var output in driver.Handle(input))
                {
                    Do(output);
                }
            }
            Flush();
            if (driver.Decision is { } decision && decision.Height == chain.Head.Height + 1)
            {
                Seal(decision);
            }
        }
        while (own.Count > 0);
    }

    private void Flush()
    {
        if (signer.MustFlush)
        {
            signer.Flush();
        }
        foreach (var send in outbox)
        {
            send();
        }
        outbox.Clear();
    }

    private void Do(Output output)
    {
        switch (output)
        {
            case Output.Persist p: signer.Note(WalForms.Write(p.Input)); break;
            case Output.SendVote v when IsWaiting: heldBack.Add(v); break;
            case Output.SendVote v when IsOpen(v.Height) && Content(v.Value) && signer.Sign(Timely(v)) is { } vote: Say(vote); break;
            case Output.Propose p when IsOpen(p.Height) && candidates.ContainsKey(p.Value) && Content(p.Value) && signer.Sign(p) is { } proposal: Say(proposal); break;
            case Output.SetTimer t: SetTimer(t.Height, t.Round, t.Step); break;
            case Output.GetValue g:
                wanted = (g.Height, g.Round);
                TryPropose();
                break;
            case Output.RequestBatch r: Find(r.Value, r.From); break;
            case Output.Resend r: Resend(r); break;
            case Output.Evidence or Output.ProposalEvidence: Accuse(output); break;
            default: break;
        }
    }

    // Of a height that is sealed here nothing is signed any more: its timers may still run, and a guard that was set back may not know what it signed there.
    private bool IsOpen(long height) => MaySign && height > chain.Head.Height;

    // A batch that came after its proposal may show that the header is older than the entries; the core was told only what the clock said.
    private Output.SendVote Timely(Output.SendVote v) =>
        v is { Step: Step.Prevote, Value: { } value } && candidates.TryGetValue(value, out var candidate) && candidate.IsBackdated && candidate.IsFreshIn(v.Round)
            ? v with { Value = null }
            : v;

    // A value that is voted for must survive a stop of all validators at once: its header goes into the log with the first vote, and its batch with the
    // first header above it. Each round may bring another header for one batch, and a height that is not decided may have many rounds.
    private bool Content(Digest? value)
    {
        if (value is { } digest && candidates.TryGetValue(digest, out var candidate) && candidate.Content is not null && logged.Add(digest))
        {
            signer.Note(new WalRecord { Content = loggedBatches.Add(candidate.Header.Root) ? Body(candidate) : Header(candidate) });
        }
        return true;
    }

    private static BatchReply Header(Candidate candidate) => new() { Header = UnsafeByteOperations.UnsafeWrap(candidate.HeaderBytes) };

    private static BatchReply Body(Candidate candidate)
    {
        var reply = Header(candidate);
        reply.Entries.AddRange(candidate.Content!.Batch.Entries.Select(e => UnsafeByteOperations.UnsafeWrap(e.Bytes)));
        reply.Sidecars.AddRange(candidate.Content.Batch.Sidecars.Select(s => UnsafeByteOperations.UnsafeWrap(s)));
        if (candidate.Content.Promise is { } promise)
        {
            (reply.Kid, reply.Signature) = (promise.Kid, UnsafeByteOperations.UnsafeWrap(promise.Sig));
        }
        return reply;
    }

    private void Say(Vote vote)
    {
        Remember(vote);
        var message = new PeerMessage { Vote = WireForms.Write(vote) };
        outbox.Add(() => outside.Broadcast(message));
        Feed(new Input.GotVote(vote));
    }

    private void Say(Proposal proposal)
    {
        Remember(proposal);
        var candidate = candidates[proposal.Value];
        var message = new PeerMessage { Proposal = WireForms.Write(proposal, candidate.HeaderBytes) };
        outbox.Add(() => outside.Broadcast(message));
        Feed(new Input.GotProposal(proposal, Known(candidate)));
    }

    private static Verdict Known(Candidate candidate) => candidate.IsValid switch
    {
        null => Verdict.Unknown,
        true => Verdict.Valid,
        false => Verdict.Invalid,
    };

    private Verdict Known(Digest value) => candidates.TryGetValue(value, out var candidate) ? Known(candidate) : Verdict.Unknown;

    private void Find(Digest value, string from)
    {
        if (!candidates.TryGetValue(value, out var candidate) && early.Find(e => e.Proposal.Value == value) is { } soon && IsExpected(soon.Proposal) && chain.Read(soon.Header) is { } read)
        {
            early.Remove(soon);
            candidates[value] = candidate = read;
            (candidate.From, candidate.HeardAt) = (soon.Proposal.From, soon.HeardAt);
            candidate.Said(soon.Proposal);
        }
        if (candidate is not null)
        {
            JudgeAndTell(candidate);
        }
        // A batch that a host has handed over and that is being verified need not travel once more; should it be refused, the request is repeated later.
        if (candidate is null || (candidate.IsValid is null && !coming.ContainsKey(candidate.Header.Root)))
        {
            Request(value, from);
        }
    }

    // Where a block has other results than the rules give here, no other validator knows which entries are meant.
    private void Judge(Candidate candidate)
    {
        var isNew = candidate.IsValid is null;
        chain.Judge(candidate, held);
        if (isNew && candidate is { IsValid: false, Verdict: { } verdict })
        {
            log.LogWarning("Block {Block} of {Proposer} at height {Height} has other results than the rules give here. Rejected here: {Rejected}", candidate.Value,
                candidate.Header.Proposer, candidate.Header.Height, Said(verdict));
        }
    }

    private void JudgeAndTell(Candidate candidate)
    {
        Judge(candidate);
        if (candidate.IsValid is { } valid)
        {
            Feed(new Input.Checked(candidate.Header.Height, candidate.Value, valid));
        }
    }

    // What this validator signed goes to all, and so do certificates; what others signed goes to one peer, another each time. So a vote whose own
    // sender is gone reaches everybody within a few ticks, and thirty validators that wait do not bury each other in each other's votes.
    private void Resend(Output.Resend r)
    {
        var peers = chain.State.Set.Members.Select(m => m.Kid).Where(kid => kid != signer.Kid).ToList();
        if (peers.Count == 0)
        {
            return;
        }
        var one = greeted ?? peers[(int)(resent++ % peers.Count)];
        void Say(PeerMessage message, bool isForAll)
        {
            if (isForAll && greeted is null)
            {
                outside.Broadcast(message);
            }
            else
            {
                outside.Send(one, message);
            }
        }
        foreach (var proposal in r.Proposals)
        {
            // Of a decided height the header is gone from here; who needs it fetches the block.
            if (candidates.TryGetValue(proposal.Value, out var candidate))
            {
                Say(new() { Proposal = WireForms.Write(proposal, candidate.HeaderBytes) }, proposal.From == signer.Kid);
            }
        }
        foreach (var vote in r.Votes)
        {
            Say(new() { Vote = WireForms.Write(vote) }, vote.From == signer.Kid);
        }
        foreach (var certificate in r.Certificates)
        {
            Say(new() { Certificate = new() { Votes = { certificate.Select(WireForms.Write) } } }, isForAll: true);
        }
        greeted = null;
    }

    private static string Said(BatchVerdict? verdict) => verdict?.Rejected is [_, ..] rejected ? string.Join(", ", rejected.Select(r => $"{r.Seq} {r.Code}")) : "none";

    private void Seal(Output.Decide decision)
    {
        if (!candidates.TryGetValue(decision.Value, out var candidate) || candidate.Content is null)
        {
            // Possible only after a restart, when the log held the decision's votes but not its batch: the block comes from a peer.
            return;
        }
        if (decision.IsDisputed || candidate.IsValid != true)
        {
            throw new InvalidOperationException($"The others sealed height {decision.Height} against the rules as they run here. Rejected here: {Said(candidate.Verdict)}.");
        }
        var commit = new Commit(decision.Height, decision.Round, decision.Value, [.. decision.Precommits.Select(v => new KidSignature(v.From, B64.Encode(v.Signature)))]);
        Take(candidate, commit);
    }

    // What was said and kept of heights that are over is of no use any more.
    private void Leave()
    {
        candidates.Clear();
        logged.Clear();
        loggedBatches.Clear();
        heard.Clear();
        accused.Clear();
        laterVotes.Clear();
        early.RemoveAll(e => e.Proposal.Height <= chain.Head.Height);
        wanted = null;
    }

    // The one place where a block becomes part of this chain, whether it was decided here or fetched.
    private void Take(Candidate candidate, Commit commit)
    {
        AccuseOfAmnesia(commit.Height);
        var block = chain.Seal(candidate, commit);
        signer.Decided(block.Height);
        held.Sealed(chain.Tree);
        Leave();
        headAt = outside.Clock.GetTimestamp();
        Mend(block);
        LookedOn();
        FollowSet();
        Head.Set(chain.Head, block, chain.State.Registry);
        ReplayLogOf(block.Height + 1);
        TryBegin(isPeerThere: heardHeight > block.Height);
    }
}
