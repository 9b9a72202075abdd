using System.Diagnostics;

namespace EventLedger.Validator.Tests.Consensus;

/// <summary>The searches that ./test and ./test twins make, and what each owes.</summary>
internal static class TwinReport
{
    /// <summary>True when no scenario with few enough twins breaks a promise and those with too many show forks.</summary>
    public static bool Print(bool isFull, TextWriter output)
    {
        var (four, seven) = (new TwinSetup(4, 1), new TwinSetup(7, 2));
        var isWell = true;
        foreach (var isLate in (bool[])[false, true])
        {
            for (var length = 1; length <= (isFull ? 4 : 3); length++)
            {
                var rounds = length;
                isWell &= Line($"n=4, 1 twin, all of {length} rounds{(isLate ? ", met after each" : "")}", () => TwinSearch.All(four, rounds, isLate), false, output);
            }
        }
        isWell &= Line("n=4, 1 twin, sample of 4 rounds", () => TwinSearch.Sample(four, 4, isFull ? 200_000 : 5_000, 4), false, output);
        isWell &= Line("n=4, 1 twin, sample of 8 rounds", () => TwinSearch.Sample(four, 8, isFull ? 200_000 : 5_000, 8), false, output);
        isWell &= Line("n=7, 2 twins, sample of 6 rounds", () => TwinSearch.Sample(seven, 6, isFull ? 50_000 : 1_000, 7), false, output);
        isWell &= Line("n=4, 2 twins (f+1), all of 1 round", () => TwinSearch.All(new(4, 2), 1, false), true, output);
        isWell &= Line("n=4, 2 twins (f+1), sample of 4 rounds", () => TwinSearch.Sample(new(4, 2), 4, isFull ? 50_000 : 1_000, 5), true, output);
        isWell &= Line("n=4, 3 twins (2f+1), all of 1 round", () => TwinSearch.All(new(4, 3), 1, false), true, output);
        isWell &= Line("n=4, 3 twins (2f+1), sample of 4 rounds", () => TwinSearch.Sample(new(4, 3), 4, isFull ? 50_000 : 1_000, 6), true, output);
        return isWell;
    }

    private static bool Line(string name, Func<TwinSearch> search, bool isForked, TextWriter output)
    {
        var watch = Stopwatch.StartNew();
        var result = search();
        var isRight = isForked ? result is { Forks: > 0, WithEvidence: > 0 } : result is { Faults: [], WithEvidence: > 0 };
        output.WriteLine($"  {name}: {(isForked ? result with { Faults = [] } : result)}, {watch.Elapsed.TotalSeconds:0.0} s{(isRight ? "" : isForked ? "  NO FORK FOUND" : "  BROKEN")}");
        return isRight;
    }
}
