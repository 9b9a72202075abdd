using System.Diagnostics;
using EventLedger.Conformance.Support;

namespace EventLedger.Conformance.Faults;

/// <summary>Real processes under random faults and constant load: no fork, nothing acknowledged is lost, and sealing comes back by itself.</summary>
public sealed class FaultTests
{
    // The promise of a long run, which has the machine for itself.
    private const long SealedWithinMs = 5_000;

    [Fact]
    public async Task Random_faults_cause_no_fork_and_no_loss_and_sealing_comes_back()
    {
        var options = FaultOptions.Read();
        var random = new Random(options.Seed);
        Say($"seed {options.Seed}, {options.Validators} validators, {options.Length.TotalMinutes:0.##} minutes"
            + (Arsenal.CanSetClocks ? "" : "; no wrong clocks, for Debian's libfaketime is not installed"));
        await using var target = await FaultLedger.Start(options.Validators);
        var timeline = new Timeline(Say);
        var (load, _) = await Under(target, writers: 8, perSecond: 100, (_, _) => new FaultRun(target, random, options.Length, timeline).Go(new(target, random)));

        timeline.Total();
        var blocks = await Completeness.Check(target, load, [.. Enumerable.Range(1, options.Validators)]);
        Say($"{blocks} blocks, the same at all {options.Validators} validators; {load.Receipts.Count} receipts, every one kept by each of them; {load.Refused} times the host was asked again");
        if (options.IsLong)
        {
            timeline.Episodes.Where(e => e.SealedMs > SealedWithinMs).Select(e => $"{e.Fault}: {e.SealedMs} ms").ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task One_validator_that_is_there_and_says_nothing_does_not_hold_up_the_others()
    {
        await using var target = await FaultLedger.Start(4);
        var arsenal = new Arsenal(target, new(1));
        var (load, _) = await Under(target, writers: 4, perSecond: 60, async (_, _) =>
        {
            var pause = arsenal.Pause(2);
            await pause.Strike();
            // A host that waited for its answer would need five seconds for each of these.
            var height = target.Watch.Height;
            await Wait.Until("60 blocks without it", () => Task.FromResult(target.Watch.Height >= height + 60));
            await pause.Heal();
        });
        await Completeness.Check(target, load, [1, 2, 3, 4]);
    }

    [Fact]
    public async Task Seven_validators_seal_with_two_dead_from_the_start()
    {
        var options = FaultOptions.Read();
        List<int> living = [];
        await using var target = await FaultLedger.Start(7, genesis =>
        {
            var turns = genesis.Validators.Select((v, i) => (v.Member.Kid, N: i + 1)).OrderBy(v => v.Kid, StringComparer.Ordinal).Select(v => v.N).ToList();
            living = [turns[0], .. turns[3..]];
            return turns[1..3];
        });
        var (load, began) = await Under(target, writers: 8, perSecond: 100, async (_, _) =>
        {
            // Each 64 heights the turn to propose passes on, and once in seven times to the two dead ones in a row: that is the longest wait there can be.
            var height = 64 * (options.IsLong ? 8 : 1) + 6;
            await Wait.Until($"{height} blocks", () => Task.FromResult(target.Watch.Height >= height));
        });
        var gap = target.Watch.LongestGap(began, BlockWatch.Now);
        var blocks = await Completeness.Check(target, load, living);
        Say($"{blocks} blocks, {load.Receipts.Count} receipts, longest without a block {gap} ms");
        if (options.IsLong)
        {
            gap.ShouldBeLessThan(SealedWithinMs);
        }
    }

    [Fact]
    public async Task Starved_of_processor_time_four_validators_go_on_sealing()
    {
        var options = FaultOptions.Read();
        await using var target = await FaultLedger.Start(4);
        var gap = 0L;
        var (load, _) = await Under(target, writers: 16, perSecond: 0, async (_, _) =>
        {
            // Two for each processor.
            var loops = Enumerable.Range(0, 2 * Environment.ProcessorCount).Select(_ => Process.Start("sh", ["-c", "while kill -0 $PPID; do i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; done"])).ToList();
            var starved = BlockWatch.Now;
            await Task.Delay(options.IsLong ? options.Length : TimeSpan.FromSeconds(5));
            gap = target.Watch.LongestGap(starved, BlockWatch.Now);
            foreach (var loop in loops)
            {
                loop.Kill();
                loop.Dispose();
            }
        });
        var blocks = await Completeness.Check(target, load, [1, 2, 3, 4]);
        Say($"{blocks} blocks, {load.Receipts.Count} receipts, longest without a block {gap} ms beside {2 * Environment.ProcessorCount} busy loops");
        if (options.IsLong)
        {
            gap.ShouldBeLessThan(SealedWithinMs);
        }
    }

    [Fact]
    public async Task Links_of_network_namespaces_go_down_and_come_up_again()
    {
        var options = FaultOptions.Read();
        using var rooms = NetworkRooms.TryMake(4);
        Assert.SkipWhen(rooms is null, "The system refuses network namespaces; only the fault proxy partitions here.");
        await using var target = await FaultLedger.Start(rooms.Layout());
        var timeline = new Timeline(Say);
        var random = new Random(options.Seed);
        Say($"seed {options.Seed}");
        var (load, began) = await Under(target, writers: 8, perSecond: 100, async (_, began) =>
        {
            var run = new FaultRun(target, random, options.Length, timeline);
            await run.Strike(rooms.LinkDown(random.Next(1, 5)), TimeSpan.FromSeconds(2), began);
            await run.Strike(rooms.LinkDown(1, 3), TimeSpan.FromSeconds(4), began);
            // Longer and longer, for what a lost packet costs grows with the time that it stays lost.
            for (var seconds = 8; options.IsLong && seconds <= 32; seconds += 8)
            {
                await run.Strike(rooms.LinkDown(random.Next(1, 5)), TimeSpan.FromSeconds(seconds), began);
                await run.Strike(rooms.LinkDown(1, 2), TimeSpan.FromSeconds(seconds), began);
            }
        });
        timeline.Total();
        await Completeness.Check(target, load, [1, 2, 3, 4]);
        if (options.IsLong)
        {
            timeline.Episodes.Where(e => e.SealedMs > SealedWithinMs).Select(e => $"{e.Fault}: {e.SealedMs} ms").ShouldBeEmpty();
        }
    }

    // Runs something under load, which is brought to its end before this returns.
    private static async Task<(Load Load, long Began)> Under(FaultLedger target, int writers, int perSecond, Func<Load, long, Task> what)
    {
        var load = new Load(await Agency.Register(target.Ledger), writers, perSecond);
        using var stop = new CancellationTokenSource();
        var began = BlockWatch.Now;
        var writing = load.Run(stop.Token);
        await what(load, began);
        await stop.CancelAsync();
        await writing;
        return (load, began);
    }

    private static void Say(string line) => TestContext.Current.TestOutputHelper!.WriteLine(line);
}
