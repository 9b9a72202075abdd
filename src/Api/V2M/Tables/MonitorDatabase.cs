using EventLedger.Api.Host;
using EventLedger.Api.Http;
using Npgsql;

namespace EventLedger.Api.V2M.Tables;

/// <summary>
/// The connection for supervisors' queries: under a database role that reads and cannot write, so that no query of theirs, however wrong, changes anything. The
/// host's own connection takes the role <c>ledger_monitor</c>, or an installation names a connection of its own (<c>ConnectionStrings:Monitor</c>); the host's
/// rights are never used instead. Source: DESIGN section 8.
/// </summary>
public sealed class MonitorDatabase(NpgsqlDataSource writer, LedgerOptions options) : IAsyncDisposable
{
    /// <summary>The role.</summary>
    public const string Role = "ledger_monitor";

    // A question that is too large ends; it does not hold the database up.
    private const string Safe = "set default_transaction_read_only = on; set statement_timeout = '30s'";

    private readonly SemaphoreSlim one = new(1);
    private NpgsqlDataSource? reader;

    /// <summary>Runs <c>name.sql</c> of this room with positional parameters.</summary>
    public async Task<List<T>> Read<T>(string name, Func<NpgsqlDataReader, T> row, CancellationToken cancellation, params object?[] values)
    {
        try
        {
            return await Run(name, row, values, cancellation);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            // Tables that were made since; the rights to read them are given anew.
            await Prepare(cancellation);
            return await Run(name, row, values, cancellation);
        }
    }

    /// <summary>A connection under the role.</summary>
    public async Task<NpgsqlConnection> Open(CancellationToken cancellation)
    {
        if (reader is null)
        {
            await Prepare(cancellation);
        }
        return await reader!.OpenConnectionAsync(cancellation);
    }

    /// <summary>Makes the role where it is missing, gives it the right to read, and sees that it cannot write.</summary>
    public async Task Prepare(CancellationToken cancellation)
    {
        await one.WaitAsync(cancellation);
        try
        {
            if (options.MonitorConnectionString is null)
            {
                await using var command = writer.CreateCommand(MonitorStatement.Text("role"));
                await command.ExecuteNonQueryAsync(cancellation);
            }
            reader ??= Build();
            await using var check = reader.CreateCommand("select has_table_privilege('mt_events', 'insert, update, delete, truncate')");
            if ((bool)(await check.ExecuteScalarAsync(cancellation))!)
            {
                throw new MonitorUnavailableException("The connection for supervisors' queries can write; give it a role that only reads.");
            }
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.UndefinedObject)
        {
            throw new MonitorUnavailableException(
                $"The database user cannot take the role {Role} ({e.MessageText}). Let it create roles, or name a reading connection in ConnectionStrings:Monitor.", e);
        }
        finally
        {
            one.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (reader is not null)
        {
            await reader.DisposeAsync();
        }
        one.Dispose();
    }

    // The pool's reset would give the host's own rights back, so a connection keeps its role for life.
    private NpgsqlDataSource Build()
    {
        var own = options.MonitorConnectionString;
        var builder = new NpgsqlDataSourceBuilder(own ?? options.ConnectionString);
        builder.ConnectionStringBuilder.NoResetOnClose = true;
        builder.ConnectionStringBuilder.MaxPoolSize = Math.Min(builder.ConnectionStringBuilder.MaxPoolSize, 20);
        var set = own is null ? $"set role {Role}; {Safe}" : Safe;
        builder.UsePhysicalConnectionInitializer(
            connection =>
            {
                using var command = new NpgsqlCommand(set, connection);
                command.ExecuteNonQuery();
            },
            async connection =>
            {
                await using var command = new NpgsqlCommand(set, connection);
                await command.ExecuteNonQueryAsync();
            });
        return builder.Build();
    }

    private async Task<List<T>> Run<T>(string name, Func<NpgsqlDataReader, T> row, object?[] values, CancellationToken cancellation)
    {
        await using var connection = await Open(cancellation);
        await using var command = new NpgsqlCommand(MonitorStatement.Text(name), connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value ?? DBNull.Value });
        }
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        var read = new List<T>();
        while (await rows.ReadAsync(cancellation))
        {
            read.Add(row(rows));
        }
        return read;
    }
}
