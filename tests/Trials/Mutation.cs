using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.Loader;

namespace EventLedger.Trials;

/// <summary>Breaks the core in every known way and says which breaks nobody notices.</summary>
internal static class Mutation
{
    private const double KilledShareMin = 0.95;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly int Workers = Math.Max(1, Environment.ProcessorCount);

    /// <summary>True when the core itself stands, every mutant applies, nearly all are noticed, and those that are not have a reason.</summary>
    public static bool Run(string repository, string word, TextWriter output)
    {
        var build = new CoreBuild(repository);
        var mutants = Mutant.ReadAll(Path.Combine(repository, "tests", "Trials", "core.mutants"))
            .Where(m => $"{m.File}: {m.What}".Contains(word, StringComparison.OrdinalIgnoreCase)).ToList();
        using var folder = new Folder();
        if (Failure(build, null, folder.File("whole.dll")) is { } broken)
        {
            output.WriteLine($"  the core as it is fails: {broken}");
            return false;
        }
        var failures = new ConcurrentDictionary<Mutant, string?>();
        Parallel.ForEach(mutants.Index(), new() { MaxDegreeOfParallelism = Workers }, m =>
        {
            var failure = Failure(build, m.Item, folder.File($"{m.Index}.dll"));
            failures[m.Item] = failure;
            lock (output)
            {
                output.WriteLine($"  {(failure is null ? "SURVIVES" : "killed  ")} {m.Item.File}: {m.Item.What}{(failure is null ? "" : $": by {failure[..Math.Min(90, failure.Length)]}")}");
            }
        });
        var survivors = mutants.Where(m => failures[m] is null).ToList();
        var by = string.Join(", ", failures.Values.OfType<string>().GroupBy(f => f.Split(':')[0]).Select(g => $"{g.Count()} by {g.Key}"));
        // A fault that only the unit tests see would be missed by whoever replays and simulates; the share is told.
        output.WriteLine($"\n  {mutants.Count} mutants, {mutants.Count - survivors.Count} killed ({by}), {survivors.Count} survive");
        foreach (var m in survivors)
        {
            output.WriteLine($"  survives: {m.File}: {m.What}: {m.Reason ?? "NO REASON IS KNOWN"}");
        }
        foreach (var m in mutants.Where(m => m.Reason is not null && failures[m] is not null))
        {
            output.WriteLine($"  is killed though it has a reason to survive: {m.File}: {m.What}");
        }
        return mutants.Count > 0 && mutants.TrueForAll(m => m.Reason is null == failures[m] is not null)
            && mutants.Count - survivors.Count >= KilledShareMin * mutants.Count;
    }

    /// <summary>What a trial process does: the trials, against the core in another file than its own.</summary>
    public static int Try(string core)
    {
        var context = new CoreContext(core);
        var trial = context.LoadFromAssemblyPath(typeof(Mutation).Assembly.Location).GetType(typeof(CoreTrial).FullName!)!;
        var failure = (string?)trial.GetMethod(nameof(CoreTrial.FirstFailure), BindingFlags.Static | BindingFlags.Public)!.Invoke(null, null)
            ?? CoreCases.FirstFailure(context, context.UnitTests);
        Console.Out.WriteLine(failure);
        return failure is null ? 0 : 1;
    }

    // Each in a process of its own: a broken core may run for ever.
    private static string? Failure(CoreBuild build, Mutant? mutant, string path)
    {
        if (build.Write(mutant, path) is { } complaint)
        {
            throw new InvalidDataException($"{mutant?.File}: {mutant?.What}: does not compile: {complaint}");
        }
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [typeof(Mutation).Assembly.Location, "try", path])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (said, complained) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (!process.WaitForExit(Patience))
        {
            process.Kill();
            process.WaitForExit();
            return "time: it runs for ever";
        }
        return process.ExitCode == 0 ? null : (said.Result + complained.Result).Trim().Split('\n')[0] is { Length: > 0 } first ? first : $"exit: {process.ExitCode}";
    }

    private sealed class CoreContext(string core) : AssemblyLoadContext(isCollectible: false)
    {
        /// <summary>Built beside this program, in the same configuration.</summary>
        public string UnitTests { get; } = typeof(Mutation).Assembly.Location.Replace("Trials", "Validator.Tests", StringComparison.Ordinal);

        protected override Assembly? Load(AssemblyName name) => name.Name switch
        {
            "EventLedger.Validator" => LoadFromAssemblyPath(core),
            "EventLedger.Trials" => LoadFromAssemblyPath(typeof(Mutation).Assembly.Location),
            var other when Beside(UnitTests, other) is { } path && Beside(typeof(Mutation).Assembly.Location, other) is null => LoadFromAssemblyPath(path),
            _ => null,
        };
    }

    private static string? Beside(string file, string? name) =>
        Path.Combine(Path.GetDirectoryName(file)!, name + ".dll") is var path && File.Exists(path) ? path : null;

    private sealed class Folder : IDisposable
    {
        private readonly string path = Directory.CreateTempSubdirectory("mutants-").FullName;

        public string File(string name) => Path.Combine(path, name);

        public void Dispose() => Directory.Delete(path, recursive: true);
    }
}
