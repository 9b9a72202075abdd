using EventLedger.Api.Doors;
using EventLedger.Api.Provisioning.Access;
using EventLedger.Api.Provisioning.Answers;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Provisioning;

/// <summary>This room as supervisors see it: its services used as a data user does, and the reads that it noted.</summary>
public sealed class MonitoredProvisioning(PublicLedger ledger, AccessLog reads, TimeProvider clock) : IM2S
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<ServiceProbe>> Probe(CancellationToken cancellation) =>
    [
        await One("records", () => ledger.Records(RecordState.Sealed, null, null, 1, 0, cancellation)),
        await One("blocks", () => ledger.Blocks(1, null, cancellation)),
    ];

    /// <inheritdoc/>
    public string ReadsOf(string iss, string subject) => AccessLog.StreamOf(iss, subject, "");

    /// <inheritdoc/>
    public async Task<AccessNote?> OpenRead(Entry entry, CancellationToken cancellation) => (await reads.Open(entry, cancellation))?.Note;

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
