using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using EventLedger.EventStore;
using EventLedger.EventStore.Postgres;
using EventLedger.EventStore.Projections;
using EventLedger.Tests.Shared;
using Npgsql;
using NpgsqlTypes;

namespace EventLedger.Bench;

/// <summary>A projection that catches up with a full log, beside a raw loop that reads the same rows, folds them the same way and upserts.</summary>
internal static class ProjectScenario
{
    private const int Events = 60_000, Rounds = 3, Keys = 5_000, Batch = 2_000;

    private const string Upsert = """
        insert into summary (key, count, last) select * from unnest($1, $2, $3)
        on conflict (key) do update set count = summary.count + excluded.count, last = excluded.last
        """;

    private const string CreateTable = "create table summary (key text primary key, count bigint not null, last text not null)";

    public static async Task Run()
    {
        await using var cluster = await PostgresCluster.Create();
        await using var database = NpgsqlDataSource.Create(await cluster.CreateDatabase());
        await using (var writer = await PostgresEventStore.Open(database, "bench-0000000000000000", TimeProvider.System))
        {
            var padding = string.Concat(Enumerable.Repeat("eyJhbGciOiJFUzI1NiIs", 35));
            foreach (var chunk in Enumerable.Range(0, Events).Chunk(4_000))
            {
                await writer.AppendMany([.. chunk.Select(i => new Append(
                    string.Create(CultureInfo.InvariantCulture, $"record-{i}"), 0, new("submission_accepted", "urn:source:bench", Data(i, padding))))], default);
            }
        }
        await using (var analyze = database.CreateCommand("vacuum analyze"))
        {
            await analyze.ExecuteNonQueryAsync();
        }
        var table = new Table("project: a projection catches up", "events/s");
        for (var round = 0; round <= Rounds; round++)
        {
            var (raw, ours) = (await Raw(database), await Ours(database));
            // The first round warms both up.
            if (round > 0)
            {
                table.Add("raw read-fold-upsert loop", raw);
                table.Add("projection", ours, "raw read-fold-upsert loop", 0.5);
            }
        }
        table.Print();
    }

    private static byte[] Data(int i, string padding) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"key":"permit-{{i % Keys}}","record":"{{padding}}"}"""));

    private static string Key(ReadOnlyMemory<byte> data)
    {
        using var document = JsonDocument.Parse(data);
        return document.RootElement.GetProperty("key").GetString()!;
    }

    private static async Task<double> Raw(NpgsqlDataSource database)
    {
        await using var connection = await database.OpenConnectionAsync();
        await Execute(connection, $"drop table if exists summary; {CreateTable}");
        var start = Stopwatch.GetTimestamp();
        for (var from = 0L; from < Events; from += Batch)
        {
            await using var transaction = await connection.BeginTransactionAsync();
            var fold = new Fold();
            await using (var read = new NpgsqlCommand("select stream_id, data from mt_events where seq_id > $1 and seq_id <= $1 + $2 order by seq_id", connection))
            {
                read.Parameters.Add(new() { Value = from });
                read.Parameters.Add(new() { Value = (long)Batch });
                await using var rows = await read.ExecuteReaderAsync();
                while (await rows.ReadAsync())
                {
                    fold.Add(Key(rows.GetFieldValue<byte[]>(1)), rows.GetString(0));
                }
            }
            await fold.Write(connection);
            await transaction.CommitAsync();
        }
        return Events / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<double> Ours(NpgsqlDataSource database)
    {
        await using var connection = await database.OpenConnectionAsync();
        await Execute(connection, "drop schema if exists view_summary cascade; delete from mt_event_progression");
        await using var store = await PostgresEventStore.Open(database, "bench-0000000000000000", TimeProvider.System);
        var start = Stopwatch.GetTimestamp();
        await using var daemon = new ProjectionDaemon(store, database, [new Summary()], TimeProvider.System);
        return await daemon.WaitFor(Events, TimeSpan.FromMinutes(2), default)
            ? Events / Stopwatch.GetElapsedTime(start).TotalSeconds
            : throw new InvalidOperationException(string.Join(", ", daemon.States));
    }

    private static async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private sealed class Fold
    {
        private readonly Dictionary<string, (long Count, string Last)> rows = [];

        public void Add(string key, string stream) => rows[key] = (rows.GetValueOrDefault(key).Count + 1, stream);

        public async Task Write(NpgsqlConnection connection)
        {
            await using var command = new NpgsqlCommand(Upsert, connection);
            command.Parameters.Add(new() { Value = rows.Keys.ToList(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
            command.Parameters.Add(new() { Value = rows.Values.Select(r => r.Count).ToList(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
            command.Parameters.Add(new() { Value = rows.Values.Select(r => r.Last).ToList(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
            await command.ExecuteNonQueryAsync();
        }
    }

    private sealed class Summary : Projection
    {
        public override string Name => "summary";

        public override string Tables => CreateTable;

        public override async Task Apply(
            NpgsqlConnection connection, NpgsqlTransaction transaction, IReadOnlyList<StoredEntry> entries, CancellationToken cancellation)
        {
            var fold = new Fold();
            foreach (var entry in entries.Select(e => e.Entry))
            {
                fold.Add(Key(entry.Data), entry.Stream);
            }
            await fold.Write(connection);
        }
    }
}
