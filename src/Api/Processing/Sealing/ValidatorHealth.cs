using EventLedger.Api.Doors;

namespace EventLedger.Api.Processing.Sealing;

/// <summary>What the validators say of themselves.</summary>
public sealed class ValidatorHealth(Validators validators) : IM2P
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<ValidatorView>> Health(CancellationToken cancellation)
    {
        var seated = validators.All.ToHashSet();
        return [.. (await validators.Health(cancellation)).Select(a => a.Reply is { } health
            ? new ValidatorView(a.From.Validator.Name, a.From.Validator.Member.Kid, seated.Contains(a.From), true, health.Height, health.Size, health.Round, health.Step,
                health.Observing, health.Peers.Count, health.Problem)
            : new ValidatorView(a.From.Validator.Name, a.From.Validator.Member.Kid, seated.Contains(a.From), false, 0, 0, 0, "", false, 0, ""))];
    }
}
