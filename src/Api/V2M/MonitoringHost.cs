using EventLedger.Api.Http;
using EventLedger.Api.V2M.Live;
using EventLedger.Api.V2M.Supervision;
using EventLedger.Api.V2M.Tables;
using EventLedger.EventStore.Projections;
using Microsoft.AspNetCore.Http.Connections;

namespace EventLedger.Api.V2M;

/// <summary>Puts the room of Monitoring together. Source: ITU-T Y.4561 (08/2020) 7.1.5, 7.3.3.</summary>
public static class MonitoringHost
{
    /// <summary>Registers what supervisors ask and what watches for them.</summary>
    public static void AddMonitoring(this IServiceCollection services)
    {
        services.AddSignalR();
        // What a caller did wrong is told to the caller; the framework would write each as an error of the host.
        services.AddLogging(log => log.AddFilter("Microsoft.AspNetCore.SignalR", LogLevel.Critical));
        services.AddSingleton<LiveTail>();
        services.AddHostedService(p => p.GetRequiredService<LiveTail>());
        services.AddSingleton<LiveFeed>();
        services.AddSingleton<LiveLease>();
        services.AddSingleton<MonitorDatabase>();
        services.AddSingleton<MonitorTables>();
        services.AddSingleton<Projection, MonitoringProjection>();
        services.AddSingleton<RefusalLog>();
        services.AddHostedService(p => p.GetRequiredService<RefusalLog>());
        services.AddSingleton<ServiceWatch>();
        services.AddHostedService(p => p.GetRequiredService<ServiceWatch>());
        services.AddSingleton<StatusAnswers>();
        services.AddSingleton<EvidenceAnswers>();
        services.AddSingleton<SourceScores>();
        services.AddSingleton<TimeAnswers>();
        services.AddSingleton<CreationAnswers>();
        services.AddSingleton<SeriesAnswers>();
        services.AddSingleton<OperationAnswers>();
        services.AddSingleton<SealProofs>();
        services.AddSingleton<AccessSearch>();
        services.AddSingleton<Acts>();
        services.AddSingleton<SupervisionDesk>();
        services.AddSingleton<AuditCheck>();
        services.AddHostedService<AuditRunner>();
        services.AddHostedService<AlertWatch>();
        services.AddSingleton<ValidatorWatch>();
        services.AddHostedService(p => p.GetRequiredService<ValidatorWatch>());
    }

    /// <summary>Maps <c>/v2m/v1</c> and the hub.</summary>
    public static void MapMonitoring(this IEndpointRouteBuilder routes)
    {
        var v2m = routes.MapGroup("/v2m/v1").WithTags("V2M").Need(Policy.Supervisor);
        MonitorEndpoints.Map(v2m);
        SupervisionEndpoints.Map(v2m);
        // Long polling would keep a buffer for each subscriber; with a socket the reader itself holds the writer back.
        routes.MapHub<LiveHub>(LiveHub.Path, hub => hub.Transports = HttpTransportType.WebSockets)
            .WithTags("V2M").Need(Policy.Supervisor, Scope.V2mRead).WithMetadata(new ExcludeFromDescriptionAttribute());
    }
}
