using EventLedger.Api.Host;
using EventLedger.Api.Http;
using EventLedger.Domain.Ledger;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
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
        await using (var accounts = new AccountContext(new DbContextOptionsBuilder<AccountContext>().UseNpgsql(database).Options))
        {
            await Create(tables, accounts, cancellation);
            await new Invitations(tables, TimeProvider.System, options.Data).First(accounts, cancellation);
        }
        services.AddSingleton(tables);
        services.AddSingleton(p => new Invitations(tables, p.GetRequiredService<TimeProvider>(), options.Data));
        services.AddSingleton<SecurityWriter>();
        services.AddHostedService(p => p.GetRequiredService<SecurityWriter>());
        services.AddSingleton<RateLimits>();
        services.AddScoped<Accounts>();
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
        }).AddEntityFrameworkStores<AccountContext>().AddTokenProvider<AuthenticatorTokenProvider<Account>>(TokenOptions.DefaultAuthenticatorProvider);
        services.AddScoped<IPasskeyHandler<Account>, PasskeyHandler<Account>>();
        services.Configure<IdentityPasskeyOptions>(o =>
        {
            o.ServerDomain = genesis.Parameters.RpId;
            (o.UserVerificationRequirement, o.ResidentKeyRequirement) = ("required", "required");
            o.IsAllowedAlgorithm = algorithm => algorithm == Es256;
            o.ValidateOrigin = asked => ValueTask.FromResult(!asked.CrossOrigin && genesis.Parameters.Origins.Contains(asked.Origin));
        });
    }

    // The tables of ASP.NET Core Identity are made as it describes them, once, by whichever host comes first.
    private static async Task Create(IdentityTables tables, AccountContext accounts, CancellationToken cancellation)
    {
        if ((await tables.Read("has_accounts", row => row.GetBoolean(0), cancellation))[0])
        {
            return;
        }
        try
        {
            await accounts.GetService<IRelationalDatabaseCreator>().CreateTablesAsync(cancellation);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DuplicateTable or PostgresErrorCodes.UniqueViolation)
        {
            // Another host was faster; tables are made in one transaction, so they are all there.
        }
    }

    /// <summary>Maps <c>/oauth</c> and <c>/identity/v1</c>.</summary>
    public static void MapIdentity(this IEndpointRouteBuilder routes)
    {
        OAuthEndpoints.Map(routes);
        SignInEndpoints.Map(routes);
    }
}
