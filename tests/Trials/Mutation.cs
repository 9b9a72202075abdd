using System.Collections.Concurrent;

namespace EventLedger.Trials;

/// <summary>Breaks the core in every known way and says which breaks nobody notices.</summary>
internal static class Mutation
{
    private static readonly int Workers = Math.Max(1, Environment.ProcessorCount);

    /// <summary>
    /// True when the core itself stands, every mutant applies, nearly all are noticed by more than the unit tests, and those that are not have a reason.
    /// </summary>
    /// <param name="repository">The repository's folder.</param>
    /// <param name="word">Only mutants whose name contains it; empty for all.</param>
    /// <param name="from">The first to try, from 1; what an earlier run said of those before it is taken over. 0: only those that an earlier run left.</param>
    /// <param name="output">Where it says what it does.</param>
    public static bool Run(string repository, string word, int from, TextWriter output)
    {
        var build = new CoreBuild(repository);
        var all = Mutant.ReadAll(Path.Combine(repository, "tests", "Trials", "core.mutants"));
        var (chosen, results) = (all.Where(m => m.Name.Contains(word, StringComparison.OrdinalIgnoreCase)).ToList(), new MutantResults(repository));
        var known = from == 1 ? [] : results.Read(from > 1 ? chosen.Take(from - 1) : chosen).Where(k => from > 1 || !MutantReport.IsLeft(k.Value));
        var tried = new ConcurrentDictionary<Mutant, Verdict>(known);
        var due = chosen.Index().Where(m => !tried.ContainsKey(m.Item)).ToList();
        if (build.Misfit(all) is { } misfit)
        {
            output.WriteLine($"  {misfit}");
            return false;
        }
        using var folder = new Folder();
        if (Try(build, null, folder.File("whole.dll")) is { Failure: not null } broken)
        {
            output.WriteLine($"  the core as it is fails: {broken.Stage}: {broken.Failure}");
            return false;
        }
        results.Begin(tried);
        // One after the other is handed out, so that a run that was stopped goes on where it was.
        Parallel.ForEach(Partitioner.Create(due, EnumerablePartitionerOptions.NoBuffering), new() { MaxDegreeOfParallelism = Workers }, m =>
        {
            var verdict = Try(build, m.Item, folder.File($"{m.Index}.dll"));
            lock (output)
            {
                tried[m.Item] = verdict;
                results.Add(m.Item, verdict);
                output.WriteLine($"  {m.Index + 1,3} {verdict.Stage ?? "SURVIVES",-8} {verdict.Time.TotalSeconds,4:F0} s  {m.Item.Name}{(verdict.Failure is { } f ? $": {f[..Math.Min(90, f.Length)]}" : "")}");
            }
        });
        var report = new MutantReport([.. chosen.Where(tried.ContainsKey).Select(m => (m, tried[m]))]);
        output.WriteLine();
        output.WriteLine(report.Summary());
        if (report.Count == all.Count)
        {
            output.WriteLine($"  {results.Write(report)}");
        }
        return report.IsRight;
    }

    private static Verdict Try(CoreBuild build, Mutant? mutant, string path)
    {
        if (build.Write(mutant, path) is { } complaint)
        {
            throw new InvalidDataException($"{mutant?.Name}: does not compile: {complaint}");
        }
        var verdict = MutantProcess.Run(path);
        File.Delete(path);
        return verdict;
    }

    private sealed class Folder : IDisposable
    {
        private readonly string path = Directory.CreateTempSubdirectory("mutants-").FullName;

        public string File(string name) => Path.Combine(path, name);

        public void Dispose() => Directory.Delete(path, recursive: true);
    }
}
