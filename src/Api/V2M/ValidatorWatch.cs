using EventLedger.Api.Doors;
using EventLedger.Api.V2M.Live;

namespace EventLedger.Api.V2M;

/// <summary>Asks the validators over M2P now and then how they are, and shows the live feed each answer that differs from the one before.</summary>
public sealed class ValidatorWatch(IM2P validators, LiveTail tail, TimeProvider clock) : BackgroundService
{
    /// <summary>How often they are asked.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private long number;

    /// <summary>The newest answers; empty before the first.</summary>
    public IReadOnlyList<ValidatorView> Newest { get; private set; } = [];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        do
        {
            var answers = await validators.Health(stoppingToken);
            if (!answers.SequenceEqual(Newest))
            {
                Newest = answers;
                tail.Show(LiveItem.Of(++number, answers));
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
