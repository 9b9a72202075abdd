using System.Collections.Immutable;
using EventLedger.Domain.Kernel;

namespace EventLedger.Validator.Consensus;

/// <summary>What became of a vote.</summary>
public enum Counted
{
    /// <summary>It counts.</summary>
    Yes,
    /// <summary>The same was here before.</summary>
    Again,
    /// <summary>Its sender has voted otherwise: the first vote counts, this one never does.</summary>
    Conflict,
    /// <summary>A stranger, or a round outside of what is kept.</summary>
    Refused,
}

/// <summary>
/// Counts the votes of one height. The first vote of a validator per (round, step) counts. Memory is bounded: for rounds still to come each
/// validator has <see cref="FutureRoundsMax"/> places, so a traitor who votes in a thousand rounds only pushes out its own votes.
/// </summary>
public sealed class Votes(Validators set)
{
    /// <summary>Later rounds that are kept for one validator; a newer one pushes out its lowest.</summary>
    public const int FutureRoundsMax = 8;

    private readonly SortedDictionary<int, RoundVotes> rounds = [];
    private readonly Dictionary<string, SortedSet<int>> futures = [];
    private readonly List<(int Round, Digest Value)> commits = [];
    private int highestSkip = -1;

    /// <summary>Values with a quorum of precommits, oldest first; by the theorem there is one at most, unless more than a third are traitors.</summary>
    public IReadOnlyList<(int Round, Digest Value)> Commits => commits;

    /// <summary>Rounds of which any vote is held.</summary>
    public int RoundCount => rounds.Count;

    /// <summary>These rounds, ascending.</summary>
    public IReadOnlyCollection<int> Rounds => rounds.Keys;

    /// <summary>Counts one vote; on a conflict the vote that counts is handed out, once per (validator, round, step).</summary>
    public Counted Add(Vote vote, int currentRound, out Vote? evidence)
    {
        evidence = null;
        if (!set.Has(vote.From) || vote.Step is not (Step.Prevote or Step.Precommit) || !MakeRoom(vote, currentRound))
        {
            return Counted.Refused;
        }
        var round = At(vote.Round);
        var first = round.First(vote.Step, vote.From);
        if (first is null)
        {
            round.Count(vote, set.Power(vote.From));
            highestSkip = vote.Round > highestSkip && IsSkip(round) ? vote.Round : highestSkip;
            NoteCommit(vote.Round, vote.Step, vote.Value);
            return Counted.Yes;
        }
        if (first.Value == vote.Value)
        {
            return Counted.Again;
        }
        evidence = round.Accuse(vote.Step, vote.From) ? first : null;
        return Counted.Conflict;
    }

    /// <summary>
    /// Takes a certificate: votes of distinct members for one (round, step, value) that are a quorum by themselves. True when that was new.
    /// </summary>
    public bool AddCertificate(ImmutableArray<Vote> votes)
    {
        var (round, step, value) = (votes[0].Round, votes[0].Step, votes[0].Value);
        if (!IsCertificate(votes) || HasQuorum(round, step, value))
        {
            return false;
        }
        At(round).Certify(step, value, votes);
        highestSkip = Math.Max(highestSkip, round);
        NoteCommit(round, step, value);
        return true;
    }

    /// <summary>Whether these votes prove their value: one (height, round, step, value), distinct members, a quorum.</summary>
    public bool IsCertificate(ImmutableArray<Vote> votes) =>
        !votes.IsDefaultOrEmpty
        && votes.All(v => (v.Height, v.Round, v.Step, v.Value) == (votes[0].Height, votes[0].Round, votes[0].Step, votes[0].Value) && set.Has(v.From))
        && votes[0].Step is Step.Prevote or Step.Precommit
        && votes.Select(v => v.From).Distinct(StringComparer.Ordinal).Count() == votes.Length
        && set.IsQuorum(set.Power(votes.Select(v => v.From)));

    /// <summary>Power behind one value; null is nil.</summary>
    public long Power(int round, Step step, Digest? value) => rounds.GetValueOrDefault(round)?.Power(step, value) ?? 0;

    /// <summary>Power of all who voted in this step.</summary>
    public long PowerAny(int round, Step step) => rounds.GetValueOrDefault(round)?.PowerAny(step) ?? 0;

    /// <summary>Power of all who voted in this round, in either step.</summary>
    public long PowerOfVoters(int round) => rounds.GetValueOrDefault(round)?.PowerOfVoters ?? 0;

    /// <summary>A quorum for one value: a polka, or a commit.</summary>
    public bool HasQuorum(int round, Step step, Digest? value) =>
        set.IsQuorum(Power(round, step, value)) || rounds.GetValueOrDefault(round)?.Certificate(step, value) is not null;

    /// <summary>A quorum of votes for anything.</summary>
    public bool HasQuorumAny(int round, Step step) =>
        set.IsQuorum(PowerAny(round, step)) || rounds.GetValueOrDefault(round)?.HasCertificate(step) == true;

    /// <summary>The highest round after this one in which more than a third of the power is; null when there is none.</summary>
    public int? Skip(int currentRound) => highestSkip > currentRound ? highestSkip : null;

    /// <summary>The votes behind a quorum, ascending by kid; empty without quorum.</summary>
    public ImmutableArray<Vote> Proof(int round, Step step, Digest? value) => rounds.GetValueOrDefault(round) switch
    {
        { } r when set.IsQuorum(r.Power(step, value)) => [.. r.Of(step).Where(v => v.Value == value)],
        { } r => r.Certificate(step, value) ?? [],
        null => [],
    };

    /// <summary>All votes that count in one step, ascending by kid.</summary>
    public ImmutableArray<Vote> Of(int round, Step step) => rounds.GetValueOrDefault(round)?.Of(step) ?? [];

    /// <summary>Forgets the rounds before this one, except those still needed.</summary>
    public void Prune(int before, Func<int, bool> isNeeded)
    {
        foreach (var round in rounds.Keys.TakeWhile(r => r < before).Where(r => !isNeeded(r)).ToList())
        {
            rounds.Remove(round);
        }
    }

    private void NoteCommit(int round, Step step, Digest? value)
    {
        if (step == Step.Precommit && value is { } v && HasQuorum(round, step, v) && !commits.Contains((round, v)))
        {
            commits.Add((round, v));
        }
    }

    private bool IsSkip(RoundVotes round) =>
        set.IsSkip(round.PowerOfVoters) || round.HasCertificate(Step.Prevote) || round.HasCertificate(Step.Precommit);

    private void Forget(int round, string kid)
    {
        rounds[round].Forget(kid, set.Power(kid));
        if (rounds[round].IsEmpty)
        {
            rounds.Remove(round);
        }
        // What was enough for a skip may be no longer; seldom, for only votes of rounds to come are ever pushed out.
        highestSkip = round < highestSkip ? highestSkip : rounds.Where(r => IsSkip(r.Value)).Select(r => r.Key).LastOrDefault(-1);
    }

    private RoundVotes At(int round)
    {
        if (!rounds.TryGetValue(round, out var votes))
        {
            rounds.Add(round, votes = new());
        }
        return votes;
    }

    private bool MakeRoom(Vote vote, int currentRound)
    {
        if (!futures.TryGetValue(vote.From, out var held))
        {
            futures.Add(vote.From, held = []);
        }
        held.RemoveWhere(r => r <= currentRound);
        if (vote.Round <= currentRound || held.Contains(vote.Round))
        {
            return true;
        }
        if (held.Count == FutureRoundsMax)
        {
            if (vote.Round < held.Min)
            {
                return false;
            }
            var lowest = held.Min;
            Forget(lowest, vote.From);
            held.Remove(lowest);
        }
        return held.Add(vote.Round);
    }
}
