using System.Collections.Concurrent;
using System.Globalization;
using EventLedger.EventStore.Postgres;
using EventLedger.EventStore.Projections;
using EventLedger.EventStore.Tests.Projections;
using EventLedger.Tests.Shared;
using Npgsql;
using Shouldly;
using Xunit;
using static EventLedger.EventStore.Tests.Samples;

namespace EventLedger.EventStore.Tests;

public sealed class CrashTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_commit_whose_answer_was_lost_is_found_again_and_not_repeated()
    {
        await using var proxy = new CuttingProxy(await postgres.Cluster.CreateDatabase());
        await using var database = NpgsqlDataSource.Create(proxy.ConnectionString);
        await using var store = await PostgresEventStore.Open(database, Chain, TimeProvider.System, Now);
        await store.Append(To("a", 0), Now);
        var reconnected = 0;
        store.Reconnected = _ => Task.FromResult(reconnected++);

        proxy.CutAnswerTo("needle");
        var appended = (await store.Append(new("needle", 0, [Event("needle")], [Jti("needle")]), Now)).ShouldBeOfType<AppendResult.Appended>();

        reconnected.ShouldBe(1);
        appended.FirstSeq.ShouldBe(2);
        (await store.Head(Now)).Seq.ShouldBe(2);
        (await store.ReadStream("needle", 1, Now)).Single().Leaf.ShouldBe(appended.Entries[0].Leaf);
        (await store.Append(To("a", 1), Now)).Entry().Entry.Seq.ShouldBe(3);
    }

    [Fact]
    public async Task A_commit_whose_answer_was_lost_is_told_even_when_the_guard_falls_meanwhile()
    {
        await using var proxy = new CuttingProxy(await postgres.Cluster.CreateDatabase());
        await using var database = NpgsqlDataSource.Create(proxy.ConnectionString);
        await using var store = await PostgresEventStore.Open(database, Chain, TimeProvider.System, Now);
        store.Reconnected = _ => Task.FromResult(store.ReadOnlyReason = "another server");

        proxy.CutAnswerTo("needle");
        (await store.Append(To("needle", 0), Now)).ShouldBeOfType<AppendResult.Appended>();
        (await store.Append(To("b", 0), Now)).ShouldBe(new AppendResult.ReadOnly("another server"));
    }

    [Fact]
    public async Task A_log_that_became_shorter_is_not_written_on()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.Cluster.CreateDatabase());
        await using var store = await PostgresEventStore.Open(database, Chain, TimeProvider.System, Now);
        await store.AppendMany([To("a", 0), To("b", 0)], Now);
        await using var lose = database.CreateCommand("""
            set ledger.guard = off; delete from mt_events where seq_id = 2; delete from ledger_entries where seq = 2; delete from mt_streams where id = 'b';
            update ledger_head set seq = 1
            """);
        await lose.ExecuteNonQueryAsync(Now);
        (await store.Append(To("c", 0), Now)).ShouldBeOfType<AppendResult.ReadOnly>().Reason.ShouldContain("lost entries");
    }

    [Fact]
    public async Task Nothing_acknowledged_is_lost_and_nothing_is_twice_when_the_server_is_killed()
    {
        await using var cluster = await PostgresCluster.Create();
        Assert.SkipUnless(cluster.IsPrivate, "Only a server of our own may be killed.");
        await using var database = NpgsqlDataSource.Create(await cluster.CreateDatabase());
        await using var store = await PostgresEventStore.Open(database, Chain, TimeProvider.System, Now);
        await using var daemon = new ProjectionDaemon(store, database, [new SeenProjection()], TimeProvider.System);
        var before = await store.Server(Now);

        var acknowledged = new ConcurrentBag<StoredEntry>();
        using var enough = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 32).Select(w => Task.Run(async () =>
        {
            for (var n = 0; !enough.IsCancellationRequested; n++)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"{w}-{n}");
                // Nobody else uses these names, so any answer but Appended would mean that the store had written it before.
                acknowledged.Add((await store.Append(To(name, 0, Jti(name)), Now)).ShouldBeOfType<AppendResult.Appended>().Entries[0]);
            }
        })).ToList();
        for (var round = 0; round < 2; round++)
        {
            var head = acknowledged.Count;
            (await store.WaitForEntry(head + 200, TimeSpan.FromSeconds(60), Now)).ShouldBeTrue();
            cluster.Kill();
            await cluster.Start();
        }
        (await store.WaitForEntry(acknowledged.Count + 200, TimeSpan.FromSeconds(60), Now)).ShouldBeTrue();
        await enough.CancelAsync();
        await Task.WhenAll(writers);

        var total = (await store.Head(Now)).Seq;
        total.ShouldBe(acknowledged.Count);
        await using var fresh = await PostgresEventStore.Open(database, Chain, TimeProvider.System, Now);
        var present = (await fresh.ReadAll(1, (int)total, Now)).ToDictionary(e => e.Entry.Seq);
        acknowledged.Where(e => !present[e.Entry.Seq].Bytes.Span.SequenceEqual(e.Bytes.Span)).ShouldBeEmpty();
        (await daemon.WaitFor(total, TimeSpan.FromSeconds(60), Now)).ShouldBeTrue(daemon.States[0].Error);
        await using var count = database.CreateCommand("select count(*) from view_seen.seen");
        (await count.ExecuteScalarAsync(Now)).ShouldBe(total);
        var after = await store.Server(Now);
        (after.System, after.Timeline).ShouldBe((before.System, before.Timeline));
        after.Started.ShouldBeGreaterThan(before.Started);
    }
}
