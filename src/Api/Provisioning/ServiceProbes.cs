using EventLedger.Api.Doors;
using EventLedger.Api.Provisioning.Answers;

namespace EventLedger.Api.Provisioning;

/// <summary>Uses the services of this room as a data user does.</summary>
public sealed class ServiceProbes(PublicLedger ledger, TimeProvider clock) : IM2S
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<ServiceProbe>> Probe(CancellationToken cancellation) =>
    [
        await One("records", () => ledger.Records(RecordState.Sealed, null, null, 1, 0, cancellation)),
        await One("blocks", () => ledger.Blocks(1, null, cancellation)),
    ];

    private async Task<ServiceProbe> One<T>(string service, Func<Task<Answer<T>>> use)
        where T : class
    {
        var start = clock.GetTimestamp();
        string? problem;
        try
        {
            problem = (await use()).Problem?.Detail;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            problem = e.Message;
        }
        return new(service, problem is null, (long)clock.GetElapsedTime(start).TotalMilliseconds, problem);
    }
}
