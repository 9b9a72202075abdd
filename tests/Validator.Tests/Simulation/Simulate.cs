using System.Diagnostics;
using System.Globalization;

namespace EventLedger.Validator.Tests.Simulation;

/// <summary>The simulator as a program: any number of seeds, on as many cores as asked for.</summary>
internal static class Simulate
{
    private const string Usage = "simulate [--seeds N] [--from S] [--cores K] [--replay SEED] [--hashes]";

    /// <summary>0 when all seeds hold, 1 when one does not, 64 for arguments that are none.</summary>
    public static int Run(string[] args, TextWriter screen)
    {
        var (seeds, from, cores, replay, hashes) = (100L, 0L, Environment.ProcessorCount, -1L, false);
        for (var i = 0; i < args.Length; i++)
        {
            var value = i + 1 < args.Length && long.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
            switch (args[i])
            {
                case "--hashes": hashes = true; continue;
                case "--seeds" when value > 0: seeds = value; break;
                case "--from" when value >= 0: from = value; break;
                case "--cores" when value > 0: cores = (int)value; break;
                case "--replay" when value >= 0: replay = value; break;
                default:
                    screen.WriteLine(Usage);
                    return 64;
            }
            i++;
        }
        return replay >= 0 ? Replay((ulong)replay, screen) : Many(from, seeds, cores, hashes, screen).Violations == 0 ? 0 : 1;
    }

    private static int Replay(ulong seed, TextWriter screen)
    {
        using var run = new Simulation(seed, words: screen);
        screen.WriteLine(run.Plan);
        var violation = run.Run();
        screen.WriteLine(run.Tally);
        screen.WriteLine($"seed {seed}: {violation ?? "all held"}, log {run.Trail.Finish()}");
        return violation is null ? 0 : 1;
    }

    /// <summary>Runs seeds one after the other on each core.</summary>
    public static (Tally Total, int Violations) Many(long from, long seeds, int cores, bool hashes, TextWriter screen)
    {
        var (total, watch, gate, next, violations) = (new Tally(), Stopwatch.StartNew(), new Lock(), from - 1, 0);
        var told = TimeSpan.Zero;
        var threads = Enumerable.Range(0, cores).Select(_ => new Thread(() =>
        {
            for (var seed = Interlocked.Increment(ref next); seed < from + seeds; seed = Interlocked.Increment(ref next))
            {
                using var run = new Simulation((ulong)seed);
                var violation = run.Run();
                var log = run.Trail.Finish();
                lock (gate)
                {
                    total.Add(run.Tally);
                    if (hashes)
                    {
                        screen.WriteLine($"seed {seed} log {log}");
                    }
                    if (violation is not null)
                    {
                        violations++;
                        screen.WriteLine($"seed {seed} log {log}: {violation}\n  replay it: ./test simulate --replay {seed}");
                    }
                    if (watch.Elapsed - told > TimeSpan.FromSeconds(10))
                    {
                        told = watch.Elapsed;
                        screen.WriteLine(Line(total, watch.Elapsed, cores, violations));
                    }
                }
            }
        }, 16 << 20)).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        screen.WriteLine(total);
        screen.WriteLine(Line(total, watch.Elapsed, cores, violations) + $"; the next ones: --from {from + seeds}");
        return (total, violations);
    }

    private static string Line(Tally total, TimeSpan elapsed, int cores, int violations) => string.Create(CultureInfo.InvariantCulture,
        $"{total.Seeds} seeds, {total.Heights} heights, {total.SimulatedUs / 86_400e6:F2} simulated days, {violations} violations, {elapsed.TotalSeconds:F0} s, "
        + $"{total.Heights / elapsed.TotalSeconds / cores:F0} heights/s and {total.SimulatedUs / 1e6 / elapsed.TotalSeconds / cores:F0} simulated s/s per core");
}
