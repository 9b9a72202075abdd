using EventLedger.Api.Host;
using EventLedger.Api.Http;
using EventLedger.Domain.Ledger;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace EventLedger.Api.Identity;

/// <summary>Puts identity together: tables, keys, tokens, sign-in.</summary>
public static class IdentityHost
{
    private const int Es256 = -7;

    /// <summary>Makes the tables where they are missing and registers everything that recognises callers.</summary>
    public static async Task AddIdentity(this IServiceCollection services, NpgsqlDataSource database, LedgerOptions options, Genesis genesis, CancellationToken cancellation)
    {
        var tables = new IdentityTables(database);
        await tables.Apply(cancellation);
        var key = TokenKeys.LoadOrMake(Path.Combine(options.Data, "host"));
        services.AddSingleton(tables);
        services.AddSingleton(p => new Invitations(tables, p.GetRequiredService<TimeProvider>(), options.Data));
        services.AddSingleton(_ => AccountSecrets.Open(Path.Combine(options.Data, "vault")));
        services.AddHostedService<AccountTables>();
        services.AddSingleton<SecurityWriter>();
        services.AddHostedService(p => p.GetRequiredService<SecurityWriter>());
        services.AddSingleton<RateLimits>();
        services.AddScoped<Accounts>();
        services.AddScoped(s => (AccountStore)s.GetRequiredService<IUserStore<Account>>());
        services.AddScoped<PersonKeys>();
        AddStaff(services, database, genesis);
        services.AddSingleton(p => new TokenKeys(key, tables, p.GetRequiredService<TimeProvider>()));
        services.AddSingleton<Issuer>();
        services.AddSingleton<Sessions>();
        services.AddSingleton<Challenges>();
        services.AddSingleton<SecurityNotes>();
        services.AddSingleton<Callers>();
        services.AddSingleton<Clients>();
        services.AddSingleton<AccessTokens>();
    }

    // ASP.NET Core Identity keeps people; who they are on the ledger, the ledger says.
    private static void AddStaff(IServiceCollection services, NpgsqlDataSource database, Genesis genesis)
    {
        services.AddDbContext<AccountContext>(o => o.UseNpgsql(database));
        services.AddIdentityCore<Account>(o =>
        {
            o.Stores.SchemaVersion = IdentitySchemaVersions.Version3;
            o.Lockout.MaxFailedAccessAttempts = 5;
            o.Lockout.DefaultLockoutTimeSpan = TimeSpan.FromMinutes(15);
            // Length is what counts (NIST SP 800-63B section 3.1.1.2); rules of composition only make people write it down.
            o.Password.RequiredLength = 12;
            (o.Password.RequireDigit, o.Password.RequireLowercase, o.Password.RequireUppercase, o.Password.RequireNonAlphanumeric) = (false, false, false, false);
        }).AddUserStore<AccountStore>().AddTokenProvider<AuthenticatorTokenProvider<Account>>(TokenOptions.DefaultAuthenticatorProvider);
        services.AddScoped<IPasskeyHandler<Account>, PasskeyHandler<Account>>();
        services.Configure<IdentityPasskeyOptions>(o =>
        {
            o.ServerDomain = genesis.Parameters.RpId;
            (o.UserVerificationRequirement, o.ResidentKeyRequirement) = ("required", "required");
            o.IsAllowedAlgorithm = algorithm => algorithm == Es256;
            o.ValidateOrigin = asked => ValueTask.FromResult(!asked.CrossOrigin && genesis.Parameters.Origins.Contains(asked.Origin));
        });
    }

    /// <summary>Maps <c>/oauth</c> and <c>/identity/v1</c>.</summary>
    public static void MapIdentity(this IEndpointRouteBuilder routes)
    {
        OAuthEndpoints.Map(routes);
        SignInEndpoints.Map(routes);
    }
}
