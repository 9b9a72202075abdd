using EventLedger.Conformance.Support;

namespace EventLedger.Conformance.Faults;

/// <summary>A validator whose disk is full stops and says why; nothing is lost, and with space again it goes on.</summary>
public sealed class FullDiskTests
{
    private const int Victim = 4;

    [Fact]
    public async Task A_full_disk_stops_a_validator_with_a_reason_and_it_comes_back_when_there_is_space()
    {
        await using var target = await FaultLedger.Start(4, _ => [Victim]);
        using var disk = SmallDisk.TryMount(target.Ledger.ValidatorFolder(Victim), megabytes: 48);
        Assert.SkipWhen(disk is null, "The system refuses to mount a small file system.");
        target.Ledger.StartValidators(Victim);
        var load = new Load(await Agency.Register(target.Ledger), writers: 4, perSecond: 60);
        using var stop = new CancellationTokenSource();
        var writing = load.Run(stop.Token);
        await target.Whole([1, 2, 3, Victim]);

        disk.Fill();
        await Stopped(target);
        // A supervisor starts it again and again; on a disk that is still full it must neither run nor harm what is stored.
        for (var again = 0; again < 2; again++)
        {
            target.Ledger.StartValidators(Victim);
            await Stopped(target);
        }
        var height = target.Watch.Height;
        await Wait.Until("20 blocks without it", () => Task.FromResult(target.Watch.Height >= height + 20));
        disk.Free();
        target.Ledger.StartValidators(Victim);
        await target.Whole([1, 2, 3, Victim]);
        // Three are needed for a seal, so with another one gone this one must sign again.
        target.Ledger.KillValidators(1);
        height = target.Watch.Height;
        await Wait.Until("20 blocks with it", () => Task.FromResult(target.Watch.Height >= height + 20));
        target.Ledger.StartValidators(1);
        await stop.CancelAsync();
        await writing;
        var said = target.Ledger.Said($"validator-{Victim}");
        Directory.EnumerateFiles(target.Ledger.ValidatorFolder(Victim), "*.damaged*").ShouldBeEmpty(said);
        await Completeness.Check(target, load, [1, 2, 3, Victim]);
    }

    private static async Task Stopped(FaultLedger target)
    {
        await Wait.Until("the validator stops", () => Task.FromResult(!target.Ledger.ProcessOf(Victim)!.IsRunning));
        var said = target.Ledger.Said($"validator-{Victim}");
        target.Ledger.ProcessOf(Victim)!.ExitCode.ShouldBe(70, said);
        var last = said.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
        last.ShouldMatch("disk is full|No space left|cannot start");
        TestContext.Current.TestOutputHelper!.WriteLine(last.Split("\"Exception\"")[0]);
    }
}
