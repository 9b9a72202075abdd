using System.Diagnostics;

namespace EventLedger.Validator.Tests.Consensus;

/// <summary>The searches that ./test and ./test twins make, and what each owes.</summary>
internal static class TwinReport
{
    /// <summary>True when no scenario with few enough twins breaks a promise and those with too many show forks.</summary>
    /// <param name="isFull">All of four rounds, and larger samples.</param>
    /// <param name="from">The first search to make, from 1: where a run that was stopped goes on.</param>
    /// <param name="output">Takes a line as each search ends.</param>
    public static bool Print(bool isFull, int from, TextWriter output)
    {
        var isWell = true;
        foreach (var (index, search) in Searches(isFull).Index().Skip(from - 1))
        {
            isWell &= Line(index + 1, search, output);
        }
        return isWell;
    }

    private static IEnumerable<Search> Searches(bool isFull)
    {
        var (four, seven) = (new TwinSetup(4, 1), new TwinSetup(7, 2));
        foreach (var isLate in (bool[])[false, true])
        {
            for (var length = 1; length <= (isFull ? 4 : 3); length++)
            {
                var rounds = length;
                yield return new($"n=4, 1 twin, all of {length} rounds{(isLate ? ", met after each" : "")}", () => TwinSearch.All(four, rounds, isLate), false);
            }
        }
        yield return new("n=4, 1 twin, sample of 4 rounds", () => TwinSearch.Sample(four, 4, isFull ? 200_000 : 5_000, 4), false);
        yield return new("n=4, 1 twin, sample of 8 rounds", () => TwinSearch.Sample(four, 8, isFull ? 200_000 : 5_000, 8), false);
        yield return new("n=7, 2 twins, sample of 6 rounds", () => TwinSearch.Sample(seven, 6, isFull ? 50_000 : 1_000, 7), false);
        for (var twins = 2; twins <= 3; twins++)
        {
            var (setup, kind, seed) = (new TwinSetup(4, twins), twins == 2 ? "f+1" : "2f+1", twins + 3);
            yield return new($"n=4, {twins} twins ({kind}), all of 1 round", () => TwinSearch.All(setup, 1, false), true);
            yield return new($"n=4, {twins} twins ({kind}), sample of 4 rounds", () => TwinSearch.Sample(setup, 4, isFull ? 50_000 : 1_000, seed), true);
        }
    }

    private static bool Line(int number, Search search, TextWriter output)
    {
        var watch = Stopwatch.StartNew();
        var result = search.Run();
        var isRight = search.IsForked ? result is { Forks: > 0, WithEvidence: > 0 } : result is { Faults: [], WithEvidence: > 0 };
        output.WriteLine($"  {number,2} {search.Name}: {(search.IsForked ? result with { Faults = [] } : result)}, {watch.Elapsed.TotalSeconds:0.0} s{(isRight ? "" : search.IsForked ? "  NO FORK FOUND" : "  BROKEN")}");
        return isRight;
    }

    private sealed record Search(string Name, Func<TwinSearch> Run, bool IsForked);
}
