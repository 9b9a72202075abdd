using System.Collections.Immutable;
using EventLedger.Domain.Kernel;

namespace EventLedger.Validator.Consensus;

/// <summary>What a tick says again, so that lost messages hold nobody up for ever.</summary>
public sealed partial class Driver
{
    // Whatever could hold a peer back: the votes that made this round begin and those in it, the polka and proposal of the valid value, the polka
    // that a re-proposal rests on. A node that has decided repeats only what the others need to decide too.
    private void Repeat()
    {
        if (State.Round < 0)
        {
            return;
        }
        if (decided is { } d)
        {
            Say(proposals.Of(d.Round).Where(p => p.Value == d.Value), [], [d.Precommits]);
            return;
        }
        var round = State.Round;
        int[] bases = [.. proposals.Of(round).Select(p => p.Message.ValidRound).Append(State.Valid?.Round ?? -1).Where(r => r >= 0 && r != round).Distinct()];
        Say(
            proposals.Of(round).Concat(State.Valid is { } v && v.Round != round ? proposals.Of(v.Round).Where(p => p.Value == v.Value) : []),
            [.. votes.Of(round - 1, Step.Precommit), .. votes.Of(round, Step.Prevote), .. votes.Of(round, Step.Precommit)],
            [.. bases.Select(ProofOfPolka).Concat(votes.Commits.Select(c => votes.Proof(c.Round, Step.Precommit, c.Value))).Where(p => p.Length > 0)]);
        foreach (var p in proposals.All.Where(p => p.Content == Verdict.Unknown).ToList())
        {
            Request(p.Message);
        }
    }

    private ImmutableArray<Vote> ProofOfPolka(int round) => proposals.Of(State.Round).Select(p => (Digest?)p.Value).Append(State.Valid?.Value)
        .Where(value => value is not null)
        .Select(value => votes.Proof(round, Step.Prevote, value))
        .FirstOrDefault(proof => proof.Length > 0, []);

    private void Say(IEnumerable<Proposals.Held> said, ImmutableArray<Vote> single, ImmutableArray<ImmutableArray<Vote>> certificates)
    {
        ImmutableArray<Proposal> messages = [.. said.Select(p => p.Message)];
        if (messages.Length + single.Length + certificates.Length > 0)
        {
            outputs.Add(new Output.Resend(messages, single, certificates));
        }
    }
}
