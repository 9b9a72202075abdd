using System.Collections.Concurrent;
using Npgsql;

namespace EventLedger.Api.Identity;

/// <summary>The schema <c>identity</c> and its statements, one embedded file each.</summary>
public sealed class IdentityTables(NpgsqlDataSource database)
{
    private const long LockKey = 4561_03;

    private static readonly ConcurrentDictionary<string, string> Texts = new(StringComparer.Ordinal);

    /// <summary>Makes the tables where they are missing.</summary>
    public async Task Apply(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        // Two hosts that start at once would both make them.
        await using var command = new NpgsqlCommand($"set local client_min_messages = warning; select pg_advisory_xact_lock({LockKey}); {Text("schema")}", connection);
        await command.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Runs a statement; gives the number of rows.</summary>
    public async Task<int> Run(string statement, CancellationToken cancellation, params object[] values)
    {
        await using var command = Command(statement, values);
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Reads all rows of a statement.</summary>
    public async Task<IReadOnlyList<T>> Read<T>(string statement, Func<NpgsqlDataReader, T> read, CancellationToken cancellation, params object[] values)
    {
        await using var command = Command(statement, values);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(read(reader));
        }
        return rows;
    }

    private NpgsqlCommand Command(string statement, object[] values)
    {
        var command = database.CreateCommand(Text(statement));
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }
        return command;
    }

    private static string Text(string name) => Texts.GetOrAdd(name, static name =>
    {
        using var stream = typeof(IdentityTables).Assembly.GetManifestResourceStream($"EventLedger.Api.Identity.Sql.{name}.sql")
            ?? throw new FileNotFoundException($"No statement {name}.sql is embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    });
}
