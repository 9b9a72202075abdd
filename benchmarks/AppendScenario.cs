using System.Diagnostics;
using System.Globalization;
using System.Text;
using EventLedger.Domain.Kernel;
using EventLedger.EventStore;
using EventLedger.EventStore.Postgres;
using EventLedger.Tests.Shared;
using Npgsql;

namespace EventLedger.Bench;

/// <summary>
/// Single events from 16 and from 256 concurrent writers, each waiting for its commit, beside a raw insert of as many events in one
/// transaction over one connection into the same tables.
/// </summary>
internal static class AppendScenario
{
    private const int Rounds = 5;
    private static readonly TimeSpan Lasting = TimeSpan.FromSeconds(3);

    // As large as a signed licence record.
    private static readonly byte[] Data = Encoding.ASCII.GetBytes($$"""{"record":"{{string.Concat(Enumerable.Repeat("eyJhbGciOiJFUzI1NiIs", 40))}}"}""");

    public static async Task Run()
    {
        await using var cluster = await PostgresCluster.Create();
        await using var database = NpgsqlDataSource.Create(await cluster.CreateDatabase());
        await using var store = await PostgresEventStore.Open(database, "bench-0000000000000000", TimeProvider.System);
        await using var rawDatabase = NpgsqlDataSource.Create(await cluster.CreateDatabase());
        await using (await PostgresEventStore.Open(rawDatabase, "bench-0000000000000000", TimeProvider.System))
        {
        }
        await using var raw = await RawInsert.Open(rawDatabase);
        await Ours(store, 64, TimeSpan.FromSeconds(2));
        await raw.Run(64, Data, TimeSpan.FromSeconds(1));

        var table = new Table("append: single events, each acknowledged after its commit", "events/s");
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var (writers, target) in new[] { (16, 0.5), (256, 0.6) })
            {
                var name = $"raw insert, {writers} a transaction";
                table.Add(name, await raw.Run(writers, Data, Lasting));
                table.Add($"append, {writers} writers", await Ours(store, writers, Lasting), name, target);
            }
            table.Add("raw insert, 1000 a transaction", await raw.Run(1000, Data, Lasting));
        }
        table.Print();
    }

    private static async Task<double> Ours(PostgresEventStore store, int writers, TimeSpan lasting)
    {
        var run = Guid.NewGuid().ToString("n");
        var start = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, writers).Select(w => Task.Run(async () =>
        {
            var n = 0;
            for (; Stopwatch.GetElapsedTime(start) < lasting; n++)
            {
                var stream = string.Create(CultureInfo.InvariantCulture, $"record-{run}-{w}-{n}");
                var result = await store.Append(
                    new(stream, 0, [new("submission_accepted", "urn:source:bench", Data)], [new(UniqueKind.Jti, Digest.Of(stream))]), CancellationToken.None);
                if (result is not AppendResult.Appended)
                {
                    throw new InvalidOperationException($"Not appended: {result}");
                }
            }
            return n;
        })));
        return counts.Sum() / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
