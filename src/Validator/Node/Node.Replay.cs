using EventLedger.Domain.Ledger;
using EventLedger.Validator.Consensus;
using EventLedger.Validator.Network;
using EventLedger.Validator.Network.Wire;
using Step = EventLedger.Validator.Consensus.Step;
using Verdict = EventLedger.Validator.Consensus.Verdict;

namespace EventLedger.Validator.Node;

/// <summary>After a start: the write-ahead log takes consensus back to where it stood.</summary>
public sealed partial class Node
{
    private long loggedUpTo;   // The newest height that the log of the own key speaks of.

    // A store that had lost blocks reaches the height of the log only now: its locks must not be forgotten on the way.
    private void ReplayLogOf(long height)
    {
        if (height <= loggedUpTo && begun < height)
        {
            ReplayLog();
        }
    }

    private long LastLogged() => signer.Logged().Select(WalForms.HeightOf).DefaultIfEmpty().Max();

    // Takes the core to where it stood when the process ended, and says again what the log shows it was about to say.
    private void ReplayLog()
    {
        var height = chain.Head.Height + 1;
        var records = signer.Logged().ToList();
        foreach (var content in records.Where(r => r.BodyCase == WalRecord.BodyOneofCase.Content))
        {
            Restore(content.Content);
        }
        var mine = records.Where(r => WalForms.HeightOf(r) == height).ToList();
        var intents = mine.Where(r => r.BodyCase == WalRecord.BodyOneofCase.Intent).Select(r => WalForms.Read(r.Intent)).ToHashSet();
        if (intents.Count == 0 && mine.Count == 0)
        {
            return;
        }
        // A core of its own: what peers said of this height before its turn would come ahead of the log and take the round past the lock that the log
        // shows. They say it again. What still waits for the core speaks of heights that are over.
        driver = new(signer.Kid, chain.Head.Height) { Applied = Applied };
        begun = height;
        own.Clear();
        Redo(new Input.NewHeight(height, Set(), ProposerOrder()), intents);
        foreach (var input in mine.Select(WalForms.Read))
        {
            if (input is not null && !IsWithoutBatch(input, intents))
            {
                Note(input);
                // It prevoted nil for a value that the log does not hold: what it waited for then is over now too, or no polka of this round would lock it.
                if (input is Input.GotVote { Message: { Step: Step.Prevote, Value: null } vote } && vote.From == signer.Kid
                    && (driver.State.Round, driver.State.Step) == (vote.Round, Step.Propose))
                {
                    Redo(new Input.Timeout(height, vote.Round, Step.Propose), intents);
                }
                Redo(input is Input.GotProposal g ? g with { Content = Known(g.Message.Value) } : input, intents);
            }
        }
    }

    // A batch was there and good then, but is in the log only where its value was voted for: who took it for good without it could be locked on a value
    // that it cannot propose, and where its vote is needed nobody would ever decide again.
    private bool IsWithoutBatch(Input input, HashSet<SignGuard> intents) =>
        input is Input.Checked { IsValid: true } good && Known(good.Value) != Verdict.Valid && intents.All(i => i.Value != good.Value);

    private void Redo(Input input, HashSet<SignGuard> intents)
    {
        foreach (var output in driver.Handle(input))
        {
            switch (output)
            {
                case Output.SendVote v when intents.Contains(new(v.Height, v.Round, v.Step, v.Value)): Redo(new Input.GotVote(signer.Again(v)), intents); break;
                case Output.SendVote { Step: Step.Prevote } v when intents.Contains(new(v.Height, v.Round, v.Step, null)):
                    Redo(new Input.GotVote(signer.Again(v with { Value = null })), intents);
                    break;
                case Output.Propose p when intents.Contains(new(p.Height, p.Round, Step.Propose, p.Value)):
                    Redo(new Input.GotProposal(signer.Again(p), Known(p.Value)), intents);
                    break;
                // The process ended between what led to this vote and the vote: it is cast once peers have told what else this key has signed.
                case Output.SendVote v: heldBack.Add(v); break;
                case Output.SetTimer t: SetTimer(t.Height, t.Round, t.Step); break;
                case Output.GetValue g: wanted = (g.Height, g.Round); break;
                case Output.Propose: wanted = null; break;
                // The process may have ended before it was kept, or the file was lost since; who keeps it knows what is there already.
                case Output.Evidence or Output.ProposalEvidence: Accuse(output); break;
                default: break;
            }
        }
    }

    private void Note(Input input)
    {
        if (input is Input.GotVote { Message: var vote })
        {
            Remember(vote);
        }
        else if (input is Input.GotProposal { Message: var proposal })
        {
            Remember(proposal);
        }
    }

    private void Restore(BatchReply content)
    {
        if (chain.Read(content.Header.Memory) is not { } candidate)
        {
            return;
        }
        var (entries, sidecars) = (content.Entries.Select(e => e.Memory).ToList(), content.Sidecars.Select(s => s.Memory).ToList());
        if (entries.Count > 0 && CheckedBatch.TryRead(entries, sidecars, chain.State.Registry) is { } batch
            && new BatchPromise(candidate.Header.First, candidate.Header.Size, candidate.Header.Root, content.Kid, content.Signature.Memory) is var promise
            && signer.Verify(promise, genesis))
        {
            held.Hold(batch, promise, chain.Tree);
            loggedBatches.Add(candidate.Header.Root);
        }
        // The batch stands in the log once, with the first header above it.
        candidate.Content = candidates.Values.FirstOrDefault(c => c.Content is { } batch && batch.Root == candidate.Header.Root && batch.ParentRoot == chain.Tree.Root())?.Content;
        candidates[candidate.Value] = candidate;
        logged.Add(candidate.Value);
        chain.Judge(candidate, held);
    }
}
