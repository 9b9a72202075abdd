using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace EventLedger.Api.Identity;

/// <summary>
/// Makes the tables of ASP.NET Core Identity as it describes them, once, by whichever host comes first, and the first one-time code. Secrets of an earlier version
/// are hidden. It runs before the host listens.
/// </summary>
internal sealed class AccountTables(IServiceScopeFactory scopes, IdentityTables tables, Invitations invitations, AccountSecrets secrets) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var accounts = scope.ServiceProvider.GetRequiredService<AccountContext>();
        if (!(await tables.Read("has_accounts", row => row.GetBoolean(0), cancellationToken))[0])
        {
            try
            {
                await accounts.GetService<IRelationalDatabaseCreator>().CreateTablesAsync(cancellationToken);
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DuplicateTable or PostgresErrorCodes.UniqueViolation)
            {
                // Another host was faster; tables are made in one transaction, so they are all there.
            }
        }
        await AccountStore.HideAll(accounts, secrets, cancellationToken);
        await invitations.First(accounts, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
