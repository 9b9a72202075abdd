using System.Collections.Concurrent;
using Npgsql;

namespace EventLedger.Api.Provisioning.Records;

/// <summary>The statements of this room: one embedded file each.</summary>
internal static class Statement
{
    private static readonly ConcurrentDictionary<string, string> Texts = new(StringComparer.Ordinal);

    /// <summary>The text of <c>name.sql</c>.</summary>
    public static string Text(string name) => Texts.GetOrAdd(name, static name =>
    {
        using var stream = typeof(Statement).Assembly.GetManifestResourceStream($"EventLedger.Api.Provisioning.Records.Sql.{name}.sql")
            ?? throw new FileNotFoundException($"No statement {name}.sql is embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    });

    /// <summary>Runs <c>name.sql</c> and reads all its rows.</summary>
    public static async Task<List<T>> Read<T>(NpgsqlDataSource database, string name, Func<NpgsqlDataReader, T> read, CancellationToken cancellation, params object?[] values)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand(Text(name), connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value ?? DBNull.Value });
        }
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(read(reader));
        }
        return rows;
    }
}
