using EventLedger.Domain.Kernel;

namespace EventLedger.Validator.Consensus;

/// <summary>
/// The proposals of one height. A traitor may sign several for one round and the others may follow any of them, so a few are kept; and a
/// proposer of many rounds may flood those to come, so each has a few places there too.
/// </summary>
internal sealed class Proposals
{
    /// <summary>Different proposals kept for one round.</summary>
    public const int PerRoundMax = 4;

    /// <summary>Proposals kept for later rounds, of one proposer; a newer round pushes out the lowest.</summary>
    public const int FuturePerProposerMax = 4;

    private readonly SortedDictionary<int, List<Held>> rounds = [];
    private readonly HashSet<int> accused = [];

    /// <summary>A proposal with what is known of its content.</summary>
    public sealed record Held(Proposal Message, Verdict Content, bool IsTimely)
    {
        public Digest Value => Message.Value;
    }

    /// <summary>All of one round, in the order of arrival.</summary>
    public IReadOnlyList<Held> Of(int round) => rounds.GetValueOrDefault(round) ?? [];

    /// <summary>The first of one round with this value.</summary>
    public Held? Find(int round, Digest value)
    {
        foreach (var held in Of(round))
        {
            if (held.Value == value)
            {
                return held;
            }
        }
        return null;
    }

    /// <summary>All of them.</summary>
    public IEnumerable<Held> All => rounds.Values.SelectMany(p => p);

    /// <summary>Holds one; false when nothing changed by it. A second one of the same proposer is evidence, once a round.</summary>
    public bool Add(Held proposal, int currentRound, bool isWanted, out Proposal? evidence)
    {
        evidence = null;
        var (message, known) = (proposal.Message, Known(proposal.Value));
        var same = Of(message.Round);
        var again = same.FirstOrDefault(p => (p.Value, p.Message.ValidRound) == (message.Value, message.ValidRound));
        if (again is not null)
        {
            return Check(proposal.Value, proposal.Content);
        }
        if (same.Count > 0 && accused.Add(message.Round))
        {
            evidence = same[0].Message;
        }
        if (same.Count >= PerRoundMax && !isWanted || !MakeRoom(message, currentRound))
        {
            return false;
        }
        if (!rounds.TryGetValue(message.Round, out var held))
        {
            rounds.Add(message.Round, held = []);
        }
        held.Add(proposal.Content == Verdict.Unknown ? proposal with { Content = known } : proposal);
        Check(proposal.Value, proposal.Content);
        return true;
    }

    /// <summary>Notes the verdict on a value in every round. Valid is final; an earlier Invalid may have been this node's own clock or bug.</summary>
    public bool Check(Digest value, Verdict content)
    {
        var changed = false;
        foreach (var held in rounds.Values)
        {
            for (var i = 0; i < held.Count; i++)
            {
                if (held[i].Value == value && held[i].Content != Verdict.Valid && content != Verdict.Unknown && held[i].Content != content)
                {
                    (held[i], changed) = (held[i] with { Content = content }, true);
                }
            }
        }
        return changed;
    }

    /// <summary>Forgets the rounds before this one, except those still needed.</summary>
    public void Prune(int before, Func<int, bool> isNeeded)
    {
        foreach (var round in rounds.Keys.TakeWhile(r => r < before).Where(r => !isNeeded(r)).ToList())
        {
            rounds.Remove(round);
            accused.Remove(round);
        }
    }

    private Verdict Known(Digest value) => All.FirstOrDefault(p => p.Value == value)?.Content ?? Verdict.Unknown;

    private bool MakeRoom(Proposal message, int currentRound)
    {
        if (message.Round <= currentRound || rounds.ContainsKey(message.Round))
        {
            return true;
        }
        var later = rounds.Where(r => r.Key > currentRound && r.Value[0].Message.From == message.From).Select(r => r.Key).ToList();
        if (later.Count < FuturePerProposerMax)
        {
            return true;
        }
        return message.Round > later[0] && rounds.Remove(later[0]);
    }
}
