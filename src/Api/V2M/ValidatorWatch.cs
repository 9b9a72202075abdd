using EventLedger.Api.Processing.Sealing;
using EventLedger.Api.V2M.Live;

namespace EventLedger.Api.V2M;

/// <summary>M2P: asks every validator now and then how it is, and shows the live feed each answer that differs from the one before.</summary>
public sealed class ValidatorWatch(Validators validators, LiveTail tail, TimeProvider clock) : BackgroundService
{
    /// <summary>How often they are asked.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private long number;

    /// <summary>The newest answers; empty before the first.</summary>
    public IReadOnlyList<ValidatorView> Newest { get; private set; } = [];

    /// <summary>Asks all of them now.</summary>
    public async Task<IReadOnlyList<ValidatorView>> Ask(CancellationToken cancellation)
    {
        var seated = validators.All.ToHashSet();
        return [.. (await validators.Health(cancellation)).Select(a => a.Reply is { } health
            ? new ValidatorView(a.From.Validator.Name, a.From.Validator.Member.Kid, seated.Contains(a.From), true, health.Height, health.Size, health.Round, health.Step,
                health.Observing, health.Peers.Count, health.Problem)
            : new ValidatorView(a.From.Validator.Name, a.From.Validator.Member.Kid, seated.Contains(a.From), false, 0, 0, 0, "", false, 0, ""))];
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        do
        {
            var answers = await Ask(stoppingToken);
            if (!answers.SequenceEqual(Newest))
            {
                Newest = answers;
                tail.Show(LiveItem.Of(++number, answers));
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
