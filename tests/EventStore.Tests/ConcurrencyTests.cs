using System.Globalization;
using EventLedger.EventStore.Postgres;
using EventLedger.Tests.Shared;
using Npgsql;
using Shouldly;
using Xunit;
using static EventLedger.EventStore.Tests.Samples;

namespace EventLedger.EventStore.Tests;

public sealed class ConcurrencyTests(PostgresFixture postgres) : IAsyncLifetime
{
    private NpgsqlDataSource database = null!;

    public async ValueTask InitializeAsync() => database = NpgsqlDataSource.Create(await postgres.Cluster.CreateDatabase());

    public ValueTask DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task Many_writers_on_few_streams_leave_no_gap_and_lose_nothing()
    {
        await using var store = await PostgresEventStore.Open(database, Chain, TimeProvider.System, Now);
        var conflicts = await Race(store, store);
        conflicts.ShouldBeGreaterThan(0);
        await IsWhole(store, 64 * 20);
    }

    [Fact]
    public async Task Two_hosts_on_one_database_leave_no_gap_and_lose_nothing()
    {
        await using var one = await PostgresEventStore.Open(database, Chain, TimeProvider.System, Now);
        await using var other = await PostgresEventStore.Open(database, Chain, TimeProvider.System, Now);
        await Race(one, other);
        await IsWhole(one, 64 * 20);
        await IsWhole(other, 64 * 20);
        (await other.WaitForEntry(64 * 20, TimeSpan.FromSeconds(30), Now)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_connection_that_dies_again_and_again_appends_nothing_twice()
    {
        await using var store = await PostgresEventStore.Open(database, Chain, TimeProvider.System, Now);
        var writing = Race(store, store);
        for (var i = 0; i < 5; i++)
        {
            (await store.WaitForEntry(i * 150, TimeSpan.FromSeconds(30), Now)).ShouldBeTrue();
            await using var kill = database.CreateCommand(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like '%ledger_append(%' and pid <> pg_backend_pid()");
            await kill.ExecuteNonQueryAsync(Now);
        }
        await writing;
        await IsWhole(store, 64 * 20);
    }

    // 64 writers, 20 appends each, on 8 streams: whoever loses reads the version and tries again.
    private static async Task<int> Race(params PostgresEventStore[] hosts)
    {
        var conflicts = 0;
        await Task.WhenAll(Enumerable.Range(0, 64).Select(w => Task.Run(async () =>
        {
            var store = hosts[w % hosts.Length];
            var stream = string.Create(CultureInfo.InvariantCulture, $"stream-{w % 8}");
            var version = 0L;
            for (var n = 0; n < 20;)
            {
                switch (await store.Append(To(stream, version, Jti($"{w}-{n}")), Now))
                {
                    case AppendResult.Appended appended:
                        version = appended.Entries[0].Entry.Version;
                        n++;
                        break;
                    case AppendResult.VersionConflict conflict:
                        version = conflict.Actual;
                        Interlocked.Increment(ref conflicts);
                        break;
                    case var other:
                        throw new InvalidOperationException($"{other}");
                }
            }
        })));
        return conflicts;
    }

    private async Task IsWhole(PostgresEventStore store, int count)
    {
        (await store.Head(Now)).Seq.ShouldBe(count);
        await using var fresh = await PostgresEventStore.Open(database, Chain, TimeProvider.System, Now);
        var all = await fresh.ReadAll(1, count + 1, Now);
        all.Select(e => e.Entry.Seq).ShouldBe(Enumerable.Range(1, count).Select(i => (long)i));
        all.Where(e => Domain.Ledger.Entry.LeafHash(e.Bytes.Span) != e.Leaf).ShouldBeEmpty();
        all.Zip(all.Skip(1)).ShouldAllBe(pair => pair.First.Entry.Time <= pair.Second.Entry.Time);
        foreach (var stream in all.GroupBy(e => e.Entry.Stream))
        {
            // Within a stream, log order is version order.
            stream.Select(e => e.Entry.Version).ShouldBe(Enumerable.Range(1, stream.Count()).Select(v => (long)v));
        }
        await using var sequence = database.CreateCommand("select last_value from mt_events_sequence");
        (await sequence.ExecuteScalarAsync(Now)).ShouldBe((long)count);
    }
}
