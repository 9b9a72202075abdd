using Npgsql;

namespace EventLedger.Api.Host;

/// <summary>Short statements on the tables that hosts share: text, values in order, rows.</summary>
internal static class HostSql
{
    /// <summary>All rows of a statement.</summary>
    public static async Task<List<T>> Read<T>(this NpgsqlDataSource database, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellation, params object?[] values)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.Read(sql, read, cancellation, values);
    }

    /// <summary>All rows of a statement within a transaction of the connection.</summary>
    public static async Task<List<T>> Read<T>(this NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellation, params object?[] values)
    {
        await using var command = Command(connection, sql, values);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(read(reader));
        }
        return rows;
    }

    /// <summary>Runs a statement; gives how many rows it touched.</summary>
    public static async Task<int> Run(this NpgsqlDataSource database, string sql, CancellationToken cancellation, params object?[] values)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await connection.Run(sql, cancellation, values);
    }

    /// <summary>The same within a transaction of the connection.</summary>
    public static async Task<int> Run(this NpgsqlConnection connection, string sql, CancellationToken cancellation, params object?[] values)
    {
        await using var command = Command(connection, sql, values);
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>A text that may be null.</summary>
    public static string? Text(this NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, object?[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value ?? DBNull.Value });
        }
        return command;
    }
}
