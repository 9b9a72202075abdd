using System.Collections.Immutable;

namespace EventLedger.Validator.Tests.Consensus;

/// <summary>Plays many scenarios and adds up what came of them.</summary>
internal sealed record TwinSearch(long Scenarios, long Played, long Forks, long WithEvidence, long Decided, int DecidedInRound, ImmutableArray<string> Faults)
{
    private const int FaultsKept = 5;

    private static readonly TwinSearch Nothing = new(0, 0, 0, 0, 0, -1, []);

    /// <summary>All scenarios of so many rounds, up to renaming.</summary>
    public static TwinSearch All(TwinSetup setup, int length, bool isLate) => Enumerable.Range(0, setup.Rounds.Length).AsParallel()
        .Select(first => setup.Enumerate(length, first, start => TwinNetwork.Play(setup, start, isLate).IsOver)
            .Aggregate(Nothing, (sum, s) => sum.Plus(TwinNetwork.Play(setup, s.Rounds, isLate), s.Family, s.Rounds, isLate)))
        .Aggregate(Nothing, Sum);

    /// <summary>So many scenarios of so many rounds, drawn with a seed.</summary>
    public static TwinSearch Sample(TwinSetup setup, int length, int count, int seed) => Enumerable.Range(0, count).AsParallel().Select(i =>
    {
        var random = new Random(HashCode.Combine(seed, i));
        ImmutableArray<TwinRound> rounds = [.. Enumerable.Range(0, length).Select(_ => setup.Rounds[random.Next(setup.Rounds.Length)])];
        return Nothing.Plus(TwinNetwork.Play(setup, rounds, i % 2 == 0), 1, rounds, i % 2 == 0);
    }).Aggregate(Nothing, Sum);

    public override string ToString() =>
        $"{Scenarios:N0} scenarios ({Played:N0} played): {Forks:N0} forks, {WithEvidence:N0} with evidence, {Decided:N0} with a decision, "
        + $"the latest in round {DecidedInRound}, {Faults.Length} faults{string.Concat(Faults.Select(fault => $"\n    {fault}"))}";

    private TwinSearch Plus(TwinOutcome outcome, long family, ImmutableArray<TwinRound> rounds, bool isLate)
    {
        var story = $"{string.Join(" ", rounds.Select(r => $"{r.Group:b}/{r.Proposer}"))}{(isLate ? " late" : "")}: ";
        return new(Scenarios + family, Played + 1, Forks + (outcome.IsFork ? 1 : 0), WithEvidence + (outcome.HasEvidence ? 1 : 0),
            Decided + (outcome.DecidedInRound >= 0 ? 1 : 0), Math.Max(DecidedInRound, outcome.DecidedInRound),
            Faults.Length < FaultsKept ? [.. Faults, .. outcome.Faults.Take(1).Select(fault => story + fault)] : Faults);
    }

    private static TwinSearch Sum(TwinSearch a, TwinSearch b) => new(a.Scenarios + b.Scenarios, a.Played + b.Played, a.Forks + b.Forks,
        a.WithEvidence + b.WithEvidence, a.Decided + b.Decided, Math.Max(a.DecidedInRound, b.DecidedInRound), [.. a.Faults.Concat(b.Faults).Take(FaultsKept)]);
}
