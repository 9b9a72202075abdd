using EventLedger.Api.Doors;
using EventLedger.Api.Http;
using EventLedger.Api.V2M.Tables;
using Npgsql;

namespace EventLedger.Api.V2M;

/// <summary>Writes down now and then what Representation refused, so that it outlives the process and adds up over all hosts.</summary>
public sealed class RefusalLog(IM2R door, NpgsqlDataSource database, MonitorDatabase monitor, TimeProvider clock, ILogger<RefusalLog> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    /// <summary>Writes down what there is.</summary>
    public async Task Flush(CancellationToken cancellation)
    {
        var counts = door.TakeRefusals();
        if (counts.Count == 0)
        {
            return;
        }
        await using var command = database.CreateCommand(MonitorStatement.Text("put_refusals"));
        command.Parameters.Add(new() { Value = counts.Keys.Select(k => k.Iss).ToArray() });
        command.Parameters.Add(new() { Value = counts.Keys.Select(k => k.Code).ToArray() });
        command.Parameters.Add(new() { Value = counts.Values.ToArray() });
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await using (var command = database.CreateCommand(MonitorStatement.Text("monitor_tables")))
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        try
        {
            await monitor.Prepare(cancellationToken);
        }
        catch (MonitorUnavailableException e)
        {
            // Everything but supervisors' queries works; they say why when they are asked.
            log.LogError(e, "Supervisors' queries cannot be run.");
        }
        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await Flush(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
            {
                log.LogWarning(e, "What was refused could not be written down.");
            }
        }
    }
}
