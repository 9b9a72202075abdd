using EventLedger.Validator.Tests.Consensus;
using EventLedger.Validator.Tests.Simulation;

namespace EventLedger.Trials;

/// <summary>All that a core must stand besides tests of its parts; loaded once for each mutant, so that it meets that mutant's core.</summary>
internal static class CoreTrial
{
    private const int ClusterSeeds = 40;

    /// <summary>What the core failed in this stage, or null.</summary>
    public static string? Failure(string stage) => stage switch
    {
        "traces" => Traced(),
        "twins" => Twinned(),
        "cluster" => Stormed(),
        "nodes" => SmallRuns.FirstFailure(),
        _ => throw new ArgumentOutOfRangeException(nameof(stage)),
    };

    private static string? Traced() => TraceFolder.Files(Traces.Root).Select(file => TraceFolder.Replay(file, Path.GetRelativePath(Traces.Root, file)))
        .SelectMany(run => run.Differences).Select(d => $"{d.File}, {d.Step}: {d.Got}").FirstOrDefault();

    private static string? Twinned()
    {
        var setup = new TwinSetup(4, 1);
        var searches = ((bool[])[false, true]).Select(isLate => TwinSearch.All(setup, 2, isLate)).Append(TwinSearch.Sample(setup, 8, 2_000, 8)).ToList();
        return searches.SelectMany(s => s.Faults).FirstOrDefault()
            ?? (searches.TrueForAll(s => s is { WithEvidence: > 0, Decided: > 0 }) ? null : "nobody decides, or nobody is found out");
    }

    private static string? Stormed() => (from seed in Enumerable.Range(0, ClusterSeeds)
                                         from size in ((int, int)[])[(4, 1), (7, 2), (4, 0)]
                                         let fault = Storm.Play(seed, size.Item1, size.Item2, out _)
                                         where fault is not null
                                         select $"n={size.Item1} seed {seed}: {fault}").FirstOrDefault();
}
