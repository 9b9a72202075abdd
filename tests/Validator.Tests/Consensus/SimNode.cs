using EventLedger.Domain.Kernel;
using EventLedger.Validator.Consensus;

namespace EventLedger.Validator.Tests.Consensus;

/// <summary>A correct validator of the cluster: its driver, what its disk holds, and what it must never do.</summary>
internal sealed class SimNode(string name)
{
    private readonly Dictionary<(long, int, Step), Digest?> signed = [];
    private readonly Dictionary<long, List<Vote>> precommits = [];
    private SignGuard guard = SignGuard.Fresh;

    public string Name => name;

    public Driver Driver { get; set; } = new(name, 0);

    public List<Input> Log { get; } = [];

    public SortedDictionary<long, Output.Decide> Commits { get; } = [];

    public bool IsDown { get; set; }

    /// <summary>Counts restarts, so that timers of an earlier life stay silent.</summary>
    public int Life { get; set; }

    public bool Sign(SignGuard next)
    {
        if (!guard.MaySign(next))
        {
            return false;
        }
        guard = next;
        return true;
    }

    /// <summary>No two votes for one (height, round, step), and no prevote against the own lock without a polka since.</summary>
    public IEnumerable<string> Review(Vote vote, Func<long, int, Digest?, bool> isPolka)
    {
        if (!signed.TryAdd((vote.Height, vote.Round, vote.Step), vote.Value) && signed[(vote.Height, vote.Round, vote.Step)] != vote.Value)
        {
            yield return $"{name} signed twice: {vote}";
        }
        if (!precommits.TryGetValue(vote.Height, out var mine))
        {
            precommits.Add(vote.Height, mine = []);
        }
        if (vote is { Step: Step.Precommit, Value: not null })
        {
            mine.Add(vote);
        }
        var broken = mine.Where(lockedBy => vote.Step == Step.Prevote && vote.Value is not null && vote.Value != lockedBy.Value && vote.Round > lockedBy.Round
            && !Enumerable.Range(lockedBy.Round, vote.Round - lockedBy.Round).Any(r => isPolka(vote.Height, r, vote.Value)));
        foreach (var lockedBy in broken)
        {
            yield return $"{name} forgot its lock {lockedBy} in {vote}";
        }
    }
}
