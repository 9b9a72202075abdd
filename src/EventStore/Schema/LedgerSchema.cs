using Npgsql;

namespace EventLedger.EventStore.Schema;

/// <summary>Makes the store's tables and functions in schema <c>public</c>.</summary>
public static class LedgerSchema
{
    // Two hosts that start at once must not both create.
    private const long LockKey = 0x4c_45_44_47_45_52;

    /// <summary>Creates what is missing and replaces functions; harmless when all is there. Drops nothing.</summary>
    public static async Task Apply(NpgsqlDataSource database, CancellationToken cancellation = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await Run($"set local client_min_messages = warning; set local search_path = public; select pg_advisory_xact_lock({LockKey})");
        foreach (var script in Sql.Folder("Schema"))
        {
            await Run(script);
        }
        await transaction.CommitAsync(cancellation);

        async Task Run(string sql)
        {
            // Scripts and constants only: no text from outside gets here.
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }
}
