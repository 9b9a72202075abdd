using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;
using EventLedger.EventStore.Postgres;
using EventLedger.EventStore.Projections;
using EventLedger.EventStore.Tests.Projections;
using EventLedger.Tests.Shared;
using FsCheck;
using FsCheck.Fluent;
using Npgsql;
using Shouldly;
using Xunit;
using static EventLedger.EventStore.Tests.Samples;

namespace EventLedger.EventStore.Tests;

public sealed class RecoveryTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Every_row_of_the_three_tables_comes_back_from_the_entries_alone()
    {
        await using var first = NpgsqlDataSource.Create(await postgres.Cluster.CreateDatabase());
        await using var second = NpgsqlDataSource.Create(await postgres.Cluster.CreateDatabase());
        List<RestoredEntry> entries;
        await using (var store = await PostgresEventStore.Open(first, Chain, TimeProvider.System, Now))
        {
            for (var i = 0; i < 30; i++)
            {
                await store.AppendMany([To($"s-{i % 7}", i / 7), To("conflict", 9), To(string.Create(CultureInfo.InvariantCulture, $"own-{i}"), 0)], Now);
            }
            await Project(store, first, 60);
            entries = [.. (await store.ReadAll(1, 1_000, Now)).Select(e => new RestoredEntry(e.Bytes, default, []))];
        }
        await using (var store = await PostgresEventStore.Open(second, Chain, TimeProvider.System, Now))
        {
            foreach (var part in entries.Chunk(17))
            {
                await store.Restore(part, Now);
            }
            await Project(store, second, 60);
        }
        foreach (var (table, key) in new[] { ("mt_streams", "id"), ("mt_events", "seq_id"), ("mt_event_progression", "name"), ("ledger_entries", "seq") })
        {
            var sql = $"select string_agg(t::text, E'\\n' order by {key}) from {table} t";
            var before = await Text(first, sql);
            before.ShouldNotBeNullOrEmpty();
            (await Text(second, sql)).ShouldBe(before);
        }
        (await Text(second, "select last_value::text from mt_events_sequence")).ShouldBe("60");
    }

    [Fact]
    public async Task Whatever_JSON_goes_in_the_same_bytes_come_out()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.Cluster.CreateDatabase());
        var values = Json().Sample(400).Select((value, i) => new JsonObject { ["value"] = value, ["i"] = i }).ToList();
        // What a generator seldom finds: JavaScript's number forms, digits that jsonb writes in full, order beyond ASCII.
        foreach (var text in (string[])["1e21", "1e300", "-0", "5e-324", "1.7976931348623157e308", "0.000001", "1e-7", "123456789012345680000", "9007199254740993", "4.50"])
        {
            values.Add(new() { ["n"] = JsonNode.Parse(text) });
        }
        values.Add(new() { ["€"] = 1, ["\r"] = 2, ["דּ"] = 3, ["1"] = 4, ["😀"] = 5, ["ö"] = 6, ["aa"] = 7, ["b"] = 8, [""] = "\u2028\u007f\b\f\"\\/" });

        var appends = values.Select((v, i) => new Append(
            string.Create(CultureInfo.InvariantCulture, $"ström \"{i}\"\\"), 0, new("thing_happened", "urn:ü\n", Jcs.Bytes(v)))).ToList();
        IReadOnlyList<AppendResult> results;
        await using (var store = await PostgresEventStore.Open(database, Chain, TimeProvider.System, Now))
        {
            results = await store.AppendMany(appends, Now);
        }
        // Another instance, so that nothing comes from memory.
        await using var fresh = await PostgresEventStore.Open(database, Chain, TimeProvider.System, Now);
        var read = await fresh.ReadAll(1, values.Count, Now);
        for (var i = 0; i < values.Count; i++)
        {
            Encoding.UTF8.GetString(read[i].Bytes.Span).ShouldBe(Encoding.UTF8.GetString(results[i].Entry().Bytes.Span));
        }
    }

    private static Gen<JsonNode?> Json()
    {
        var text = ArbMap.Default.GeneratorFor<string>().Select(Clean);
        var number = ArbMap.Default.GeneratorFor<NormalFloat>().Select(f => f.Get);
        var leaf = Gen.OneOf(
            text.Select(s => (JsonNode?)JsonValue.Create(s)), number.Select(n => (JsonNode?)JsonValue.Create(n)),
            ArbMap.Default.GeneratorFor<long>().Select(n => (JsonNode?)JsonValue.Create(n % (1L << 53))),
            ArbMap.Default.GeneratorFor<bool>().Select(b => (JsonNode?)JsonValue.Create(b)), Gen.Constant((JsonNode?)null));
        return Tree(3);

        Gen<JsonNode?> Tree(int depth) => depth == 0
            ? leaf
            : Gen.OneOf(
                leaf,
                Tree(depth - 1).ListOf(3).Select(items => (JsonNode?)new JsonArray([.. items.Select(Copy)])),
                text.Zip(Tree(depth - 1)).ListOf(4).Select(members => (JsonNode?)new JsonObject(
                    members.DistinctBy(m => m.Item1).Select(m => KeyValuePair.Create(m.Item1, Copy(m.Item2))))));

        static JsonNode? Copy(JsonNode? node) => node?.DeepClone();
    }

    // The edge refuses U+0000 and lone surrogates.
    private static string Clean(string? text) =>
        string.Concat((text ?? "").EnumerateRunes().Where(r => r.Value is not (0 or 0xfffd)).Select(r => r.ToString()));

    private static async Task Project(PostgresEventStore store, NpgsqlDataSource database, long seq)
    {
        await using var daemon = new ProjectionDaemon(store, database, [new SeenProjection()], TimeProvider.System);
        (await daemon.WaitFor(seq, TimeSpan.FromSeconds(30), Now)).ShouldBeTrue();
    }

    private static async Task<string?> Text(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (string?)await command.ExecuteScalarAsync(Now);
    }
}
