using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.Loader;

namespace EventLedger.Trials;

/// <summary>What became of one core.</summary>
/// <param name="Stage">Which trial noticed that it is broken; null when none did.</param>
/// <param name="Failure">What it noticed.</param>
/// <param name="Time">Processor time that it took.</param>
internal sealed record Verdict(string? Stage, string? Failure, TimeSpan Time);

/// <summary>One core tried in a process of its own: a broken one may run for ever, or take the process down.</summary>
internal static class MutantProcess
{
    /// <summary>The stage that comes last.</summary>
    public const string UnitTests = "unit";

    /// <summary>All stages, cheapest first but for the unit tests, so that what only they notice is told apart.</summary>
    public static readonly string[] Stages = ["traces", "scenarios", "twins", "cluster", "nodes", UnitTests];

    private const string StageMark = "stage ", FailureMark = "failure ", TimeMark = "seconds ";

    // Processor time, for how long it takes besides depends on what else runs here; the whole core takes about a third of it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    /// <summary>Tries the core in this assembly file.</summary>
    public static Verdict Run(string core)
    {
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [typeof(MutantProcess).Assembly.Location, "try", core])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (said, complained) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        process.WaitForExit();
        var lines = said.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string? Last(string mark) => lines.LastOrDefault(line => line.StartsWith(mark, StringComparison.Ordinal))?[mark.Length..];
        var failure = process.ExitCode == 0 ? null : Last(FailureMark) ?? $"exit code {process.ExitCode}: {complained.Result.Trim().Split('\n')[0]}";
        return new(failure is null ? null : Last(StageMark) ?? "start", failure, TimeSpan.FromSeconds(int.Parse(Last(TimeMark) ?? "0", CultureInfo.InvariantCulture)));
    }

    /// <summary>What the process does: the trials, against the core in another file than its own. Its exit code.</summary>
    public static int Try(string core)
    {
        var context = new CoreContext(core);
        var trial = context.LoadFromAssemblyPath(typeof(MutantProcess).Assembly.Location).GetType(typeof(CoreTrial).FullName!)!
            .GetMethod(nameof(CoreTrial.Failure), BindingFlags.Static | BindingFlags.Public)!.CreateDelegate<Func<string, string?>>();
        new Thread(EndWhenEndless) { IsBackground = true }.Start();
        foreach (var stage in Stages)
        {
            Console.Out.WriteLine(StageMark + stage);
            Console.Out.Flush();
            var failure = stage switch
            {
                "scenarios" => CoreCases.FirstFailure(context, context.UnitTests, CoreCases.Scenarios),
                UnitTests => CoreCases.FirstFailure(context, context.UnitTests, CoreCases.UnitTests),
                _ => trial(stage),
            };
            if (failure is not null)
            {
                return End(failure);
            }
        }
        return End(null);
    }

    private static int End(string? failure)
    {
        Console.Out.WriteLine($"{TimeMark}{(int)Environment.CpuUsage.TotalTime.TotalSeconds}");
        if (failure is not null)
        {
            Console.Out.WriteLine(FailureMark + failure.Split('\n')[0]);
        }
        Console.Out.Flush();
        return failure is null ? 0 : 1;
    }

    private static void EndWhenEndless()
    {
        while (Environment.CpuUsage.TotalTime < Patience)
        {
            Thread.Sleep(200);
        }
        Environment.Exit(End("it runs for ever"));
    }

    private sealed class CoreContext(string core) : AssemblyLoadContext(isCollectible: false)
    {
        /// <summary>Built beside this program, in the same configuration.</summary>
        public string UnitTests { get; } = typeof(MutantProcess).Assembly.Location.Replace("Trials", "Validator.Tests", StringComparison.Ordinal);

        protected override Assembly? Load(AssemblyName name) => name.Name switch
        {
            "EventLedger.Validator" => LoadFromAssemblyPath(core),
            "EventLedger.Trials" => LoadFromAssemblyPath(typeof(MutantProcess).Assembly.Location),
            var other when Beside(UnitTests, other) is { } path && Beside(typeof(MutantProcess).Assembly.Location, other) is null => LoadFromAssemblyPath(path),
            _ => null,
        };
    }

    private static string? Beside(string file, string? name) =>
        Path.Combine(Path.GetDirectoryName(file)!, name + ".dll") is var path && File.Exists(path) ? path : null;
}
