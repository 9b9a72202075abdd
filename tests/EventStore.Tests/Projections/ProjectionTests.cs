using System.Diagnostics;
using System.Globalization;
using EventLedger.EventStore.Postgres;
using EventLedger.EventStore.Projections;
using EventLedger.Tests.Shared;
using Npgsql;
using Shouldly;
using Xunit;
using static EventLedger.EventStore.Tests.Samples;

namespace EventLedger.EventStore.Tests.Projections;

public sealed class ProjectionTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    private NpgsqlDataSource database = null!;
    private PostgresEventStore store = null!;

    public async ValueTask InitializeAsync()
    {
        database = NpgsqlDataSource.Create(await postgres.Cluster.CreateDatabase());
        store = await PostgresEventStore.Open(database, Chain, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        await store.DisposeAsync();
        await database.DisposeAsync();
    }

    [Fact]
    public async Task Each_entry_is_seen_once_and_progress_carries_its_time()
    {
        await Append(5_000);
        await using var daemon = Daemon(new SeenProjection());
        (await daemon.WaitFor(5_000, Long, Now)).ShouldBeTrue();
        var last = (await store.Append(To("one more", 0), Now)).Entry().Entry;
        (await daemon.WaitFor(5_001, Long, Now)).ShouldBeTrue();

        (await Value<long>("select count(*) from view_seen.seen")).ShouldBe(5_001);
        (await Value<long>("select last_seq_id from mt_event_progression where name = 'seen:All'")).ShouldBe(5_001);
        (await Value<DateTime>("select last_updated from mt_event_progression where name = 'seen:All'")).ShouldBe(last.Time.Moment.UtcDateTime);
        daemon.States.Single().ShouldBe(new("seen", 5_001, false, null));
    }

    [Fact]
    public async Task Entries_that_come_one_by_one_share_steps()
    {
        await using var daemon = Daemon(new SeenProjection());
        await Append(1);
        (await daemon.WaitFor(1, Long, Now)).ShouldBeTrue();
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < 300; i++)
        {
            await Append(1);
        }
        (await daemon.WaitFor(301, Long, Now)).ShouldBeTrue();
        // Each step is a transaction of its own, and they begin 50 ms apart or more.
        (await Value<long>("select count(distinct xmin::text) from view_seen.seen")).ShouldBeLessThanOrEqualTo(clock.ElapsedMilliseconds / 50 + 2);
    }

    [Fact]
    public async Task A_daemon_goes_on_where_the_last_one_stopped()
    {
        await Append(10);
        await using (var first = Daemon(new SeenProjection()))
        {
            (await first.WaitFor(10, Long, Now)).ShouldBeTrue();
        }
        await Append(10);
        await using var second = Daemon(new SeenProjection());
        (await second.WaitFor(20, Long, Now)).ShouldBeTrue();
        (await Value<long>("select count(*) from view_seen.seen")).ShouldBe(20);
    }

    [Fact]
    public async Task Two_hosts_do_the_work_of_one()
    {
        await using var one = Daemon(new SeenProjection());
        await using var other = Daemon(new SeenProjection());
        for (var i = 0; i < 20; i++)
        {
            await Append(50);
        }
        (await one.WaitFor(1_000, Long, Now)).ShouldBeTrue(string.Join(", ", one.States));
        (await other.WaitFor(1_000, Long, Now)).ShouldBeTrue();
        (await Value<long>("select count(*) from view_seen.seen")).ShouldBe(1_000);
        one.States.Concat(other.States).ShouldAllBe(s => s.Error == null);
    }

    [Fact]
    public async Task A_rejected_entry_is_never_seen()
    {
        await Append(10);
        await store.StoreBlock(Block(1, 1, 10, new RejectedEntry(3, "signature-wrong"), new RejectedEntry(7, "signature-wrong")), Now);
        await using var daemon = Daemon(new SeenProjection());
        (await daemon.WaitFor(10, Long, Now)).ShouldBeTrue();
        (await Value<string>("select string_agg(seq::text, ' ' order by seq) from view_seen.seen")).ShouldBe("1 2 4 5 6 8 9 10");
    }

    [Fact]
    public async Task An_entry_rejected_after_it_was_seen_vanishes_by_a_rebuild()
    {
        await Append(10);
        var rebuilt = new TaskCompletionSource();
        var first = true;
        await using var daemon = Daemon(new SeenProjection(before: e =>
        {
            if (e.Seq == 10 && !first)
            {
                rebuilt.TrySetResult();
            }
            first &= e.Seq != 10;
            return Task.CompletedTask;
        }));
        (await daemon.WaitFor(10, Long, Now)).ShouldBeTrue();
        await store.StoreBlock(Block(1, 1, 10, new RejectedEntry(3, "signature-wrong")), Now);
        await rebuilt.Task.WaitAsync(Long, Now);
        await daemon.Rebuild("seen", Now);
        (await Value<long>("select count(*) from view_seen.seen where seq = 3")).ShouldBe(0);
        (await Value<long>("select count(*) from view_seen.seen")).ShouldBe(9);
    }

    [Fact]
    public async Task A_projection_that_throws_stops_in_front_of_the_entry_and_says_why()
    {
        await Append(3);
        await using (var daemon = Daemon(new SeenProjection(before: e => e.Seq == 5 ? throw new FormatException("what is this?") : Task.CompletedTask)))
        {
            (await daemon.WaitFor(3, Long, Now)).ShouldBeTrue();
            await Append(3);
            await Should.ThrowAsync<InvalidOperationException>(() => daemon.Rebuild("seen", Now));
            daemon.States.Single().Error.ShouldBe("what is this?");
            (await Value<long>("select max(seq) from view_seen.seen")).ShouldBe(3);
        }
        await using var repaired = Daemon(new SeenProjection());
        (await repaired.WaitFor(6, Long, Now)).ShouldBeTrue();
        (await Value<long>("select count(*) from view_seen.seen")).ShouldBe(6);
    }

    [Fact]
    public async Task A_new_version_grows_beside_the_old_one_and_takes_its_place()
    {
        await Append(10);
        await using (var old = Daemon(new SeenProjection()))
        {
            (await old.WaitFor(10, Long, Now)).ShouldBeTrue();
        }
        var (reached, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var daemon = Daemon(new SeenProjection(2, e =>
        {
            reached.TrySetResult();
            return goOn.Task;
        }));
        await reached.Task.WaitAsync(Long, Now);
        (await Value<long>("select count(*) from view_seen.seen where version = 1")).ShouldBe(10);
        goOn.SetResult();
        (await daemon.WaitFor(10, Long, Now)).ShouldBeTrue();

        (await Value<long>("select count(*) from view_seen.seen where version = 2")).ShouldBe(10);
        (await Value<string>("select string_agg(name, ' ') from mt_event_progression")).ShouldBe("seen:V2:All");
        (await Value<long>("select count(*) from pg_namespace where nspname like 'view_seen%'")).ShouldBe(1);
    }

    [Fact]
    public async Task A_rebuild_gives_the_same_rows_while_the_log_grows()
    {
        await Append(3_000);
        await using var daemon = Daemon(new SeenProjection());
        (await daemon.WaitFor(3_000, Long, Now)).ShouldBeTrue();
        var rebuild = daemon.Rebuild("seen", Now);
        await Append(500);
        await rebuild;
        (await daemon.WaitFor(3_500, Long, Now)).ShouldBeTrue();
        (await Value<long>("select count(*) from view_seen.seen")).ShouldBe(3_500);
        (await Value<string>("select string_agg(name, ' ') from mt_event_progression")).ShouldBe("seen:All");
    }

    private ProjectionDaemon Daemon(SeenProjection projection) => new(store, database, [projection], TimeProvider.System);

    private Task<IReadOnlyList<AppendResult>> Append(int count) => store.AppendMany(
        [.. Enumerable.Range(0, count).Select(i => To(string.Create(CultureInfo.InvariantCulture, $"s-{Guid.NewGuid():n}-{i}"), 0))], Now);

    private async Task<T> Value<T>(string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Now))!;
    }
}
