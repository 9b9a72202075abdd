using EventLedger.Validator.Storage;

namespace EventLedger.Validator.Tests.Simulation;

/// <summary>
/// Every point at which a process can die over three heights, times everything that the log can have lost by then, for the proposer and for another.
/// A cut in the middle of a frame is a cut at its start: one test shows that for each byte, the other dies and returns at each frame.
/// </summary>
public sealed class CrashPointTests
{
    // The first proposer of the chain, who stays it while nobody is late, and one who is not.
    private const int Proposer = 1, Other = 2, Heights = 3;

    [Theory]
    [InlineData(Proposer)]
    [InlineData(Other)]
    public void A_validator_that_dies_anywhere_signs_nothing_twice_and_loses_no_block(int victim)
    {
        var effects = Effects(victim);
        effects.ShouldBeGreaterThan(40);
        var broken = new System.Collections.Concurrent.ConcurrentBag<string>();
        Parallel.For(0, effects, effect =>
        {
            // A whole log first; it tells how many frames there are to lose.
            var frames = Die(victim, effect, null, broken);
            for (var kept = -1; kept < frames; kept++)
            {
                Die(victim, effect, kept, broken);
            }
        });
        broken.ShouldBeEmpty();
    }

    [Fact]
    public void A_log_cut_at_any_byte_opens_with_the_frames_before_it()
    {
        using var run = Calm();
        var log = run.Nodes[Proposer].Disk;
        Until(run, () => run.Checker.Height >= Heights);
        var (whole, ends) = (log.Read("wal").ShouldNotBeNull(), Ends(log));
        ends.Count.ShouldBeGreaterThan(2 * Heights);
        var copy = log.Copy();
        for (var length = 0; length < whole.Length; length++)
        {
            log.Restore(copy);
            log.Truncate("wal", length);
            using var open = VoteLog.TryOpen(log);
            if (length < ends[0])
            {
                open.ShouldBeNull($"cut at {length}");
                continue;
            }
            open.ShouldNotBeNull($"cut at {length}").Frames.Count.ShouldBe(ends.FindLastIndex(end => end <= length), $"cut at {length}");
            log.Read("wal")!.Length.ShouldBe(ends.FindLast(end => end <= length));
        }
    }

    private static int Effects(int victim)
    {
        using var run = Calm();
        Until(run, () => run.Nodes.All(n => n.Store.Height >= Heights));
        return run.Nodes[victim].Effects;
    }

    // Dies before an effect, loses what lies behind some frames (-1: the head too, null: nothing), and lives on. Tells how many frames there were.
    private static int Die(int victim, int effect, int? kept, System.Collections.Concurrent.ConcurrentBag<string> broken)
    {
        using var run = Calm();
        var (node, frames, stored) = (run.Nodes[victim], 0, 0L);
        node.DiesAt = effect;
        run.Returning = returns =>
        {
            stored = returns.Store.Height;
            var ends = Ends(returns.Disk);
            frames = Math.Max(0, ends.Count - 1);
            if (kept is { } count && ends.Count > 0)
            {
                returns.Disk.Truncate("wal", count < 0 ? ends[0] - 1 : ends[Math.Min(count, frames)]);
            }
        };
        Until(run, () => run.Nodes.All(n => n.Store.Height >= Heights + 2));
        var problem = run.Checker.Violation ?? (node.Life != 2 ? $"it began {node.Life} times" : node.Store.Height < stored ? "it lost a block" : null);
        if (problem is not null || run.Nodes.Any(n => n.Store.Height < Heights + 2))
        {
            broken.Add($"v{victim} died at effect {effect} and kept {(kept is null ? "all" : $"{kept}")} of {frames} frames: {problem ?? "no progress"}");
        }
        return frames;
    }

    private static Simulation Calm()
    {
        var run = new Simulation(7, p => p.Calmed() with { HostEveryMs = 500 });
        run.Begin();
        return run;
    }

    private static void Until(Simulation run, Func<bool> done)
    {
        while (run.NowUs < 120_000_000 && run.Checker.Violation is null && !done())
        {
            run.Step();
        }
    }

    // Where the head of the log ends, and each of its frames.
    private static List<int> Ends(SimDisk disk)
    {
        var ends = new List<int>();
        if (disk.Read("wal") is { } bytes && VoteLog.TryOpen(Twin(disk)) is { } log)
        {
            ends.Add(16);
            ends.AddRange(log.Frames.Select(f => 12 + f.Length));
            for (var i = 1; i < ends.Count; i++)
            {
                ends[i] += ends[i - 1];
            }
            ends[^1].ShouldBeLessThanOrEqualTo(bytes.Length);
        }
        return ends;
    }

    // Opening a log mends its tail; the look must change nothing.
    private static SimDisk Twin(SimDisk disk)
    {
        var twin = new SimDisk(() => { });
        twin.Restore(disk.Copy());
        return twin;
    }
}
