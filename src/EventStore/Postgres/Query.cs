using Npgsql;

namespace EventLedger.EventStore.Postgres;

/// <summary>Runs an embedded statement with positional parameters.</summary>
internal static class Query
{
    public static async Task<List<T>> Read<T>(
        this NpgsqlDataSource database, string statement, Func<NpgsqlDataReader, T> row, CancellationToken cancellation, params object[] values)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var command = Command(connection, statement, values);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(row(reader));
        }
        return rows;
    }

    public static async Task Run(this NpgsqlDataSource database, string statement, CancellationToken cancellation, params object[] values)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var command = Command(connection, statement, values);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, string> Texts = [];

    private static NpgsqlCommand Command(NpgsqlConnection connection, string statement, object[] values)
    {
        var command = new NpgsqlCommand(Texts.GetOrAdd(statement, name => Sql.Text("Postgres.Sql", name)), connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }
        return command;
    }
}
