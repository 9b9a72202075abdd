using Npgsql;

namespace EventLedger.Api.Host;

/// <summary>
/// Tables that hosts share beside the ledger, in schema <c>host</c>: what helps them to serve and may be lost. Every embedded <c>host-….sql</c> makes its own.
/// </summary>
public static class HostTables
{
    private const long LockKey = 4561_02;

    /// <summary>Makes those that are missing; several hosts may start at once.</summary>
    public static async Task Create(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await Run(connection, $"set local client_min_messages = warning; select pg_advisory_xact_lock({LockKey}); create schema if not exists host", cancellation);
        var here = typeof(HostTables).Assembly;
        foreach (var name in here.GetManifestResourceNames().Where(n => n.Contains(".host-", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var text = new StreamReader(here.GetManifestResourceStream(name)!);
            await Run(connection, await text.ReadToEndAsync(cancellation), cancellation);
        }
        await transaction.CommitAsync(cancellation);
    }

    private static async Task Run(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
