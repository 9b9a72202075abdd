namespace EventLedger.Validator.Tests.Simulation;

/// <summary>One machine's clock: wrong by some time and moved now and then, while its time stamps only go on.</summary>
internal sealed class SimClock(Func<long> nowUs) : TimeProvider
{
    private static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 10, 0, TimeSpan.Zero);

    public long OffsetMs { get; set; }

    public override long TimestampFrequency => 1_000_000;

    public override long GetTimestamp() => nowUs();

    public override DateTimeOffset GetUtcNow() => Begin.AddTicks((nowUs() * 10) + (OffsetMs * TimeSpan.TicksPerMillisecond));
}
