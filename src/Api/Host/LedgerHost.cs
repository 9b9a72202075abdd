using EventLedger.Api.Delivery;
using EventLedger.Api.Http;
using EventLedger.Api.Identity;
using EventLedger.Api.KeyVault;
using EventLedger.Api.O2C;
using EventLedger.Api.OpenApi;
using EventLedger.Api.Processing;
using EventLedger.Api.Processing.Sealing;
using EventLedger.Api.Provisioning;
using EventLedger.Api.R2D;
using EventLedger.Api.Telemetry;
using EventLedger.Api.V2M;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using EventLedger.EventStore.Postgres;
using Npgsql;

namespace EventLedger.Api.Host;

/// <summary>Puts a host together: what is read once at start, what is shared, and every endpoint.</summary>
public static class LedgerHost
{
    /// <summary>Reads genesis and keys, opens the store (waiting for the database a minute at most), and registers everything that endpoints use.</summary>
    public static Task AddLedger(this WebApplicationBuilder builder, CancellationToken cancellation = default) =>
        builder.AddLedger(LedgerOptions.From(builder.Configuration), cancellation);

    /// <summary>The same with given options.</summary>
    public static async Task AddLedger(this WebApplicationBuilder builder, LedgerOptions options, CancellationToken cancellation = default)
    {
        DatabaseHop.Check(options);
        var genesis = ReadGenesis(options.Data);
        var database = Database(options.ConnectionString);
        var store = await Open(database, genesis, cancellation);
        await HostTables.Create(database, cancellation);
        var services = builder.Services;
        // One line of JSON an event; a line for each request would cost more than the request.
        builder.Logging.ClearProviders().AddJsonConsole(json => json.IncludeScopes = true).AddFilter("Microsoft", LogLevel.Warning);
        services.AddSingleton(options);
        services.AddSingleton(genesis);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(HostKeys.Load(Path.Combine(options.Data, "host"), genesis));
        services.AddSingleton(_ => database);
        services.AddSingleton(_ => store);
        services.AddSingleton<IEventStore>(store);
        services.AddSingleton<LedgerHead>();
        services.AddSingleton<LedgerSets>();
        services.AddSingleton<HostState>();
        services.AddSingleton<Readiness>();
        services.AddSingleton<IKeyVault>(_ => DirectoryVault.Open(Path.Combine(options.Data, "vault")));
        services.AddSingleton(new AgencyVault(options.Agencies ?? Path.Combine(options.Data, "agencies"), genesis));
        services.AddSingleton<ControlLog>();
        await services.AddIdentity(database, options, genesis, cancellation);
        services.AddR2D();
        services.AddSealing(options.Seals);
        services.AddProvisioning();
        services.AddDelivery();
        services.AddO2C();
        services.AddMonitoring();
        services.AddSingleton<Idempotency>();
        services.AddRouting();
        builder.AddTelemetry();
        services.AddInterface();
        builder.WebHost.ConfigureKestrel(Limits.Configure);
    }

    /// <summary>Error handling and every endpoint of the API.</summary>
    public static void MapLedger(this WebApplication app)
    {
        app.UseTelemetry();
        app.UseProblems();
        app.UseAccess();
        app.Use((http, next) => app.Services.GetRequiredService<RateLimits>().Serve(http, next));
        app.Use((http, next) => app.Services.GetRequiredService<Idempotency>().Serve(http, next));
        app.MapProblems();
        app.MapHealth();
        app.MapIdentity();
        app.MapChain();
        app.MapStatusLists();
        app.MapR2D();
        app.MapO2C();
        app.MapV2M();
        app.MapMonitoring();
        app.MapProvisioning();
        app.MapInterface();
    }

    // No session is reset between two uses: that would throw away the plans of the database's own functions, and cost a third of all statements. What outlives a
    // transaction here, the writer's synchronous commit and the listener's channels, does no harm to whoever has the session next.
    private static NpgsqlDataSource Database(string connection)
    {
        var builder = new NpgsqlDataSourceBuilder(connection);
        builder.ConnectionStringBuilder.NoResetOnClose = true;
        return builder.Build();
    }

    private static Genesis ReadGenesis(string data)
    {
        var path = Path.Combine(data, "genesis.json");
        if (!File.Exists(path))
        {
            throw new InvalidOperationException($"{path} is missing: './ledger genesis' makes it.");
        }
        return Genesis.TryParse(File.ReadAllBytes(path), out var genesis)
            ? genesis
            : throw new InvalidOperationException($"{path} is not a genesis file in canonical form.");
    }

    private static async Task<PostgresEventStore> Open(NpgsqlDataSource database, Genesis genesis, CancellationToken cancellation)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await PostgresEventStore.Open(database, genesis.Chain, TimeProvider.System, cancellation);
            }
            catch (NpgsqlException e) when (attempt < 60 && (e.IsTransient || e is PostgresException { SqlState: PostgresErrorCodes.CannotConnectNow }))
            {
                await Task.Delay(TimeSpan.FromSeconds(1), cancellation);
            }
        }
    }
}
