using EventLedger.Api.Doors;
using EventLedger.EventStore;
using Npgsql;

namespace EventLedger.Api.Telemetry;

/// <summary>How one validator was found.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Height">Newest block that it holds; null when it did not answer.</param>
/// <param name="Peers">Connections to other validators; null when it did not answer.</param>
public sealed record ValidatorStatus(string Name, long? Height, long? Peers);

/// <summary>How store and validators were found a moment ago.</summary>
public sealed record LedgerStatus(long Seq, bool IsReadOnly, IReadOnlyList<ValidatorStatus> Validators);

/// <summary>Looks at store and validators every few seconds, so that whoever reads the metrics need not wait for them.</summary>
public sealed class StatusWatch(IEventStore store, IM2P processing, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    /// <summary>What was found last.</summary>
    public LedgerStatus Status { get; private set; } = new(0, false, []);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        try
        {
            do
            {
                Status = await Look(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task<LedgerStatus> Look(CancellationToken cancellation)
    {
        var health = await processing.Health(cancellation);
        long seq;
        try
        {
            seq = (await store.Head(cancellation)).Seq;
        }
        catch (NpgsqlException)
        {
            seq = Status.Seq;
        }
        return new(seq, store.ReadOnlyReason is not null, [.. health.Select(v => v.Answers ? new ValidatorStatus(v.Name, v.Height, v.Peers) : new(v.Name, null, null))]);
    }
}
