using EventLedger.Validator.Tests.Consensus;

namespace EventLedger.Trials;

/// <summary>All that a core must stand, shortest first; loaded once for each mutant, so that it meets that mutant's core.</summary>
internal static class CoreTrial
{
    private const int Seeds = 40;

    /// <summary>What the core failed, or null.</summary>
    public static string? FirstFailure() => Traced() ?? Twinned() ?? Stormed();

    private static string? Traced() => TraceFolder.Files(Traces.Root).Select(file => TraceFolder.Replay(file, Path.GetRelativePath(Traces.Root, file)))
        .SelectMany(run => run.Differences).Select(d => $"traces: {d.File}, {d.Step}").FirstOrDefault();

    private static string? Twinned()
    {
        var setup = new TwinSetup(4, 1);
        var searches = ((bool[])[false, true]).Select(isLate => TwinSearch.All(setup, 2, isLate)).Append(TwinSearch.Sample(setup, 8, 2_000, 8)).ToList();
        return searches.SelectMany(s => s.Faults).Select(fault => $"twins: {fault}").FirstOrDefault()
            ?? (searches.TrueForAll(s => s is { WithEvidence: > 0, Decided: > 0 }) ? null : "twins: nobody decides, or nobody is found out");
    }

    private static string? Stormed() => (from seed in Enumerable.Range(0, Seeds)
                                         from size in ((int, int)[])[(4, 1), (7, 2), (4, 0)]
                                         let fault = Storm.Play(seed, size.Item1, size.Item2, out _)
                                         where fault is not null
                                         select $"simulation: n={size.Item1} seed {seed}: {fault}").FirstOrDefault();
}
