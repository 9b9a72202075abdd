using EventLedger.Api.Doors;
using EventLedger.Api.Http;
using EventLedger.Api.Delivery;
using EventLedger.Api.Provisioning.Access;
using EventLedger.Api.Provisioning.Answers;
using EventLedger.Api.Provisioning.Cases;
using EventLedger.Api.Provisioning.Directory;
using EventLedger.Api.Provisioning.Http;
using EventLedger.Api.Provisioning.Queries;
using EventLedger.Api.Provisioning.Records;
using EventLedger.EventStore;
using EventLedger.EventStore.Projections;
using Npgsql;

namespace EventLedger.Api.Provisioning;

/// <summary>Puts the room of Provisioning together.</summary>
public static class ProvisioningHost
{
    /// <summary>Registers the projection and everything that answers. The host brings store, head and database.</summary>
    public static void AddProvisioning(this IServiceCollection services)
    {
        services.AddSingleton<Projection, RecordsProjection>();
        services.AddSingleton(p => new ProjectionDaemon(
            p.GetRequiredService<IEventStore>(), p.GetRequiredService<NpgsqlDataSource>(), p.GetServices<Projection>(), p.GetRequiredService<TimeProvider>()));
        services.AddHostedService<ProjectionService>();
        services.AddSingleton<RecordTables>();
        services.AddSingleton<LicenceTables>();
        services.AddSingleton<QueryTables>();
        services.AddSingleton<SearchTables>();
        services.AddSingleton<SourceTables>();
        services.AddSingleton<Snapshot>();
        services.AddSingleton<RecordAnswers>();
        services.AddSingleton<LicenceAnswers>();
        services.AddSingleton<BlockAnswers>();
        services.AddSingleton<ChainAnswers>();
        services.AddSingleton<StatusLists>();
        services.AddSingleton<QueryAnswers>();
        services.AddSingleton<SearchAnswers>();
        services.AddSingleton<TimestampAnswers>();
        services.AddSingleton<SourceAnswers>();
        services.AddSingleton<PathAnswers>();
        services.AddSingleton<ProvAnswers>();
        services.AddSingleton<CirculationAnswers>();
        services.AddSingleton<DirectoryAnswers>();
        services.AddSingleton<ServiceAnswers>();
        services.AddSingleton<CaseAnswers>();
        services.AddSingleton<SavedQueries>();
        services.AddSingleton<AccessLog>();
        services.AddSingleton<DisclosedAnswers>();
        services.AddSingleton<GrantAnswers>();
        services.AddSingleton<SubjectAnswers>();
        services.AddSingleton<PublicLedger>();
        services.AddSingleton<IC2S, ProvisioningControl>();
        services.AddSingleton<IM2S, MonitoredProvisioning>();
    }

    /// <summary>Maps <c>/u2s/v1</c>.</summary>
    public static void MapProvisioning(this IEndpointRouteBuilder routes)
    {
        var u2s = routes.MapGroup("/u2s/v1").WithTags("U2S").Need(Policy.Public);
        RecordEndpoints.Map(u2s);
        LicenceEndpoints.Map(u2s);
        BlockEndpoints.Map(u2s);
        VerifyEndpoint.Map(u2s);
        QueryEndpoints.Map(u2s);
        SearchEndpoints.Map(u2s);
        TraceEndpoints.Map(u2s);
        AccessEndpoints.Map(u2s);
        DirectoryEndpoints.Map(u2s);
        ApplicationEndpoints.Map(u2s);
        CaseEndpoints.Map(u2s);
        SavedQueryEndpoints.Map(u2s);
        u2s.MapDelivery();
    }
}
