using Npgsql;

namespace EventLedger.Api.Tests.Support;

/// <summary>What somebody with the database's password could do.</summary>
public static class Database
{
    public static async Task Run(string connection, string sql)
    {
        await using var database = NpgsqlDataSource.Create(connection);
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
