using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text.Json;
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

    // As the product's, and one that a height in which this validator has voted goes beyond: then it ends with another log.
    private const int Long = 8 << 20, Short = 1024;

    [Theory]
    [InlineData(Proposer, Long)]
    [InlineData(Other, Long)]
    [InlineData(Proposer, Short)]
    [InlineData(Other, Short)]
    public void A_validator_that_dies_anywhere_signs_nothing_twice_and_loses_no_block(int victim, int walBytesMax)
    {
        var (effects, log) = Calmly(victim, walBytesMax);
        effects.ShouldBeGreaterThan(40);
        log.ShouldBeInRange(walBytesMax == Short ? Heights : 1, walBytesMax == Short ? 1 + Heights : 1);
        var (broken, deaths) = (new ConcurrentBag<string>(), new ConcurrentBag<Death>());
        Parallel.For(0, effects, effect =>
        {
            // Nothing lost first; it tells how many frames and names there are to lose.
            var death = Die(new(victim, walBytesMax, effect, null, int.MaxValue), broken);
            deaths.Add(death);
            for (var kept = -1; kept < death.Frames; kept++)
            {
                Die(new(victim, walBytesMax, effect, kept, int.MaxValue), broken);
            }
            for (var names = 0; names < death.Names; names++)
            {
                Die(new(victim, walBytesMax, effect, null, names), broken);
            }
        });
        broken.ShouldBeEmpty();
        // In the store's write too: before the block is durable, and after.
        deaths.Count(d => d.IsDurable == false).ShouldBe(Heights);
        deaths.Count(d => d.IsDurable == true).ShouldBe(Heights);
        // With another log it comes between two renames too: the guard names the new one while the old one still stands in its place.
        deaths.Any(d => d.IsBetweenLogs).ShouldBe(walBytesMax == Short);
    }

    [Fact]
    public void A_log_cut_at_any_byte_opens_with_the_frames_before_it()
    {
        using var run = Calm(Long);
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

    // How many effects the heights have where nobody dies, and which log they end with.
    private static (int Effects, long Log) Calmly(int victim, int walBytesMax)
    {
        using var run = Calm(walBytesMax);
        Until(run, () => run.Nodes.All(n => n.Store.Height >= Heights));
        return (run.Nodes[victim].Effects, Named(run.Nodes[victim].Disk));
    }

    // Dies before an effect of its first life, loses what lies behind some frames (-1: the head too, null: nothing) and all but the first names, and lives on.
    private static Death Die(Point at, ConcurrentBag<string> broken)
    {
        using var run = Calm(at.WalBytesMax);
        var (node, frames, stored, death) = (run.Nodes[at.Victim], 0, 0L, new Death(0, 0, null, IsBetweenLogs: false));
        var hasGuard = false;
        (node.DiesAt, node.Disk.NamesKept) = (at.Effect, at.Names);
        run.Returning = returns =>
        {
            stored = returns.Store.Height;
            var ends = Ends(returns.Disk);
            frames = Math.Max(0, ends.Count - 1);
            death = new(frames, returns.Disk.NamesAtCrash, returns.Store.IsDurable, Named(returns.Disk) > 1 && LogName(returns.Disk) != "wal");
            hasGuard = VoteLog.TryOpen(Twin(returns.Disk)) is not null;
            if (at.Kept is { } count && ends.Count > 0)
            {
                returns.Disk.Truncate(LogName(returns.Disk), count < 0 ? ends[0] - 1 : ends[Math.Min(count, frames)]);
            }
        };
        Until(run, () => run.Nodes.All(n => n.Store.Height >= Heights + 2));
        var problem = run.Checker.Violation ?? (node.Life != 2 ? $"it began {node.Life} times" : node.Store.Height < stored ? "it lost a block" : hasGuard ? null : "it lost its guard");
        if (problem is not null || run.Nodes.Any(n => n.Store.Height < Heights + 2))
        {
            broken.Add($"{at} of {death}: {problem ?? "no progress"}");
        }
        return death;
    }

    private static Simulation Calm(int walBytesMax)
    {
        var run = new Simulation(7, p => p.Calmed() with { HostEveryMs = 500, WalBytesMax = walBytesMax });
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
        if (disk.Read(LogName(disk)) is { } bytes && Named(disk) > 0 && VoteLog.TryOpen(Twin(disk)) is { } log)
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

    // Which log the guard goes with; 0 before the first.
    private static long Named(SimDisk disk)
    {
        using var guard = JsonDocument.Parse(disk.Read("guard.json").ShouldNotBeNull());
        return guard.RootElement.GetProperty("wal") is { ValueKind: JsonValueKind.Number } id ? id.GetInt64() : 0;
    }

    // Where that one stands: after a crash between two renames it is still the new one.
    private static string LogName(SimDisk disk) =>
        disk.Read("wal") is { Length: >= 16 } old && BinaryPrimitives.ReadInt64LittleEndian(old.AsSpan(8)) == Named(disk) ? "wal" : "wal.new";

    private sealed record Point(int Victim, int WalBytesMax, int Effect, int? Kept, int Names);

    private sealed record Death(int Frames, int Names, bool? IsDurable, bool IsBetweenLogs);
}
