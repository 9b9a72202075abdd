extern alias api;

using System.Diagnostics;
using System.Text.Json;
using api::EventLedger.Api.Provisioning.Records;
using EventLedger.EventStore.Postgres;
using EventLedger.EventStore.Projections;
using EventLedger.Tests.Shared;
using Npgsql;

namespace EventLedger.Bench;

/// <summary>The product's own projection catches up with a log of signed records, beside a raw loop that fills the same tables with the same rows.</summary>
internal static class ProvisioningScenario
{
    private const int Records = 40_000, Rounds = 3;
    private const string Floor = "raw read-fold-upsert loop", RawSchema = "raw";

    public static async Task Run()
    {
        await using var cluster = await PostgresCluster.Create();
        await using var database = NpgsqlDataSource.Create(await cluster.CreateDatabase());
        var (chain, size) = await SignedLog.Fill(database, Records);
        var table = new Table("project: the projection 'provisioning' catches up with signed records", "events/s");
        for (var round = 0; round <= Rounds; round++)
        {
            var (raw, ours) = (await Raw(database, size), await Ours(database, chain, size));
            await MustBeTheSame(database);
            // The first round warms both up.
            if (round > 0)
            {
                table.Add(Floor, raw);
                table.Add("projection 'provisioning'", ours, Floor, 0.5);
            }
        }
        table.Print();
    }

    private static async Task<double> Raw(NpgsqlDataSource database, long size)
    {
        await Execute(database, $"drop schema if exists {RawSchema} cascade; create schema {RawSchema}; set search_path = {RawSchema}, public; {new RecordsProjection().Tables}; {Indexes()}");
        await Execute(database, "checkpoint");
        var start = Stopwatch.GetTimestamp();
        await RawProvisioning.Run(database, RawSchema, size);
        return size / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    // The format's registration makes them in the product; the floor's records go into the same indexes.
    private static string Indexes()
    {
        using var format = JsonDocument.Parse(LedgerUnderTest.Format.ToJsonString());
        return string.Join(';', FieldIndexes.Of(new(format.RootElement)).Select(c => c.CommandText));
    }

    private static async Task<double> Ours(NpgsqlDataSource database, string chain, long size)
    {
        var projection = new RecordsProjection();
        await Execute(database, $"drop schema if exists {projection.Schema} cascade; delete from mt_event_progression");
        // A store of its own remembers nothing of what was appended: every entry comes from the tables.
        await using var store = await PostgresEventStore.Open(database, chain, TimeProvider.System);
        await Execute(database, "checkpoint");
        var start = Stopwatch.GetTimestamp();
        await using var daemon = new ProjectionDaemon(store, database, [projection], TimeProvider.System);
        return await daemon.WaitFor(size, TimeSpan.FromMinutes(2), default)
            ? size / Stopwatch.GetElapsedTime(start).TotalSeconds
            : throw new InvalidOperationException(string.Join(", ", daemon.States));
    }

    // A floor that did less, or something else, would measure nothing.
    private static async Task MustBeTheSame(NpgsqlDataSource database)
    {
        foreach (var (name, rows) in ((string, long)[])[("records", Records), ("counts", 1)])
        {
            await using var compare = database.CreateCommand($"""
                select count(*) filter (where a.t = b.t), count(*)
                from (select t::text from {RawSchema}.{name} t) a full join (select t::text from {new RecordsProjection().Schema}.{name} t) b on a.t = b.t
                """);
            await using var result = await compare.ExecuteReaderAsync();
            await result.ReadAsync();
            var (same, all) = (result.GetInt64(0), result.GetInt64(1));
            if ((same, all) != (rows, rows))
            {
                throw new InvalidOperationException($"Of the {rows} rows that each table '{name}' should hold, {same} are the same, and {all - same} are in one of them only.");
            }
        }
    }

    private static async Task Execute(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
