namespace EventLedger.Validator.Tests.Consensus;

/// <summary>Replays a folder and says, kind by kind, how much was run and what differs.</summary>
internal static class TraceReport
{
    private const int DifferencesShown = 20;

    /// <summary>True when something was found and nothing differs.</summary>
    public static bool Print(string folder, TextWriter output)
    {
        var runs = TraceFolder.Files(folder).AsParallel().AsOrdered().Select(file => TraceFolder.Replay(file, Path.GetRelativePath(folder, file))).ToList();
        output.WriteLine($"{folder}:");
        output.WriteLine($"  {"kind",-18}{"files",8}{"traces",8}{"steps",8}{"compared",10}{"differ",8}");
        foreach (var kind in runs.GroupBy(run => run.Kind).OrderBy(kind => kind.Key, StringComparer.Ordinal))
        {
            Line(output, kind.Key, [.. kind]);
        }
        Line(output, "all", runs);
        var differences = runs.SelectMany(run => run.Differences).ToList();
        foreach (var difference in differences.Take(DifferencesShown))
        {
            output.WriteLine($"  differs: {difference}");
        }
        if (differences.Count > DifferencesShown)
        {
            output.WriteLine($"  … and {differences.Count - DifferencesShown} more");
        }
        if (runs.Sum(run => run.Steps) == 0)
        {
            output.WriteLine("  no trace was found, or none with a step");
        }
        return differences.Count == 0 && runs.Sum(run => run.Steps) > 0;
    }

    private static void Line(TextWriter output, string name, List<TraceRun> runs) => output.WriteLine(
        $"  {name,-18}{runs.Count,8}{runs.Sum(r => r.Traces),8}{runs.Sum(r => r.Steps),8}{runs.Sum(r => r.Compared),10}{runs.Sum(r => r.Differences.Count),8}");
}
