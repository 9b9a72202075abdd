using EventLedger.EventStore.Projections;

namespace EventLedger.Api.Provisioning.Records;

/// <summary>Starts the projections with the host instead of with the first question; the container stops them.</summary>
internal sealed class ProjectionService(ProjectionDaemon projections, ILogger<ProjectionService> log) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        log.LogInformation("Projections run: {Names}.", string.Join(", ", projections.States.Select(s => s.Name)));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
