using EventLedger.Api.Host;
using Npgsql;

namespace EventLedger.Api.Identity;

/// <summary>Puts identity together: tables, keys, tokens, sign-in.</summary>
public static class IdentityHost
{
    /// <summary>Makes the tables where they are missing and registers everything that recognises callers.</summary>
    public static async Task AddIdentity(this IServiceCollection services, NpgsqlDataSource database, LedgerOptions options, CancellationToken cancellation)
    {
        var tables = new IdentityTables(database);
        await tables.Apply(cancellation);
        var key = TokenKeys.LoadOrMake(Path.Combine(options.Data, "host"));
        services.AddSingleton(tables);
        services.AddSingleton(p => new TokenKeys(key, tables, p.GetRequiredService<TimeProvider>()));
        services.AddSingleton<Issuer>();
        services.AddSingleton<Sessions>();
        services.AddSingleton<Challenges>();
        services.AddSingleton<SecurityNotes>();
        services.AddSingleton<Callers>();
        services.AddSingleton<Clients>();
        services.AddSingleton<AccessTokens>();
    }

    /// <summary>Maps <c>/oauth</c> and <c>/identity/v1</c>.</summary>
    public static void MapIdentity(this IEndpointRouteBuilder routes)
    {
        OAuthEndpoints.Map(routes);
        SignInEndpoints.Map(routes);
    }
}
