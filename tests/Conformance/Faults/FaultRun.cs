using EventLedger.Conformance.Support;

namespace EventLedger.Conformance.Faults;

/// <summary>One fault after the other, drawn from a seed, until the time is up; after each the ledger must be whole again before the next.</summary>
internal sealed class FaultRun(FaultLedger target, Random random, TimeSpan length, Timeline timeline)
{
    // One in five takes more than the validators can bear.
    private const int UnbearableEvery = 5;

    public async Task Go(Arsenal arsenal)
    {
        var began = BlockWatch.Now;
        for (var n = 1; BlockWatch.Now - began < length.TotalMilliseconds; n++)
        {
            var fault = n % UnbearableEvery == 0 ? arsenal.Unbearable() : arsenal.Bearable();
            await Strike(fault, TimeSpan.FromMilliseconds(random.Next(500, 6_000)), began);
            await Task.Delay(random.Next(200, 2_000));
        }
    }

    /// <summary>Lets one fault happen for a while, heals it and waits until all is well.</summary>
    public async Task Strike(Fault fault, TimeSpan lasting, long began)
    {
        var at = BlockWatch.Now;
        await fault.Strike();
        await Task.Delay(lasting / 2);
        var height = target.Watch.Height;
        await Task.Delay(lasting / 2);
        if (fault is { Halts: true, Victims.Count: > 0 })
        {
            // Votes that the victims signed before may still be on their way, or wait beside a proposal that comes late: they seal one block. None follows it.
            target.Watch.Height.ShouldBeInRange(height, height + 1, $"blocks were sealed without a quorum: {fault}");
        }
        await fault.Heal();
        var healed = BlockWatch.Now;
        var first = await Wait.For($"a block after {fault}", () => Task.FromResult(target.Watch.FirstAfter(healed) is { } ms ? $"{ms}" : null));
        await target.Whole(Enumerable.Range(1, target.Validators));
        timeline.Add(new(fault, at - began, healed - at, target.Watch.LongestGap(at, healed), long.Parse(first, null) - healed, BlockWatch.Now - healed));
        target.Watch.Forks.ShouldBeEmpty();
        target.Ended().ShouldBeEmpty();
    }
}
