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
        var load = new Load(await Agency.Register(target.Ledger), writers: 8, perSecond: 100);
        using var stop = new CancellationTokenSource();
        var writing = load.Run(stop.Token);
        var timeline = new Timeline(Say);
        await new FaultRun(target, random, options.Length, timeline).Go(new(target, random));
        await stop.CancelAsync();
        await writing;

        timeline.Total();
        var blocks = await Completeness.Check(target, load, [.. Enumerable.Range(1, options.Validators)]);
        Say($"{blocks} blocks, the same at all {options.Validators} validators; {load.Receipts.Count} receipts, every one kept by each of them; {load.Refused} times the host was asked again");
        if (options.IsLong)
        {
            timeline.Episodes.Where(e => e.SealedMs > SealedWithinMs).Select(e => $"{e.Fault}: {e.SealedMs} ms").ShouldBeEmpty();
        }
    }

    private static void Say(string line) => TestContext.Current.TestOutputHelper!.WriteLine(line);
}
