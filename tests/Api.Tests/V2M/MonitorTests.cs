using System.Globalization;
using System.Text.Json;
using EventLedger.Api.KeyVault;
using EventLedger.Api.Provisioning.Access;
using EventLedger.Api.Tests.Support;
using EventLedger.Api.V2M.Tables;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using EventLedger.EventStore.Projections;
using EventLedger.Tests.Shared;
using Npgsql;
using Xunit;

namespace EventLedger.Api.Tests.V2M;

/// <summary>What a supervisor asks over HTTP, and what the answers rest on.</summary>
public sealed class MonitorTests(PostgresFixture postgres) : IAsyncLifetime
{
    private TestLedger ledger = null!;
    private Agency agency = null!;
    private string token = "";

    public async ValueTask InitializeAsync()
    {
        ledger = await TestLedger.Start(await postgres.Cluster.CreateDatabase());
        agency = await Agency.Register(ledger);
        token = await TokenFor.Person(ledger, (await TokenFor.Bind(ledger, Role.Supervisor)).Key, "v2m");
    }

    public ValueTask DisposeAsync() => ledger.DisposeAsync();

    [Fact]
    [Y4561("D-7.2.4-a")]
    public async Task The_connection_of_supervisors_queries_reads_and_PostgreSQL_refuses_it_every_write()
    {
        await using var connection = await ledger.Get<MonitorDatabase>().Open(default);
        (await Scalar(connection, "select current_user::text")).ShouldBe(MonitorDatabase.Role);
        (await Scalar(connection, "select count(*) from mt_events")).ShouldBeOfType<long>().ShouldBeGreaterThan(0);
        (await Scalar(connection, "select count(*) from view_monitoring.times")).ShouldBeOfType<long>();
        foreach (var write in (string[])
                 ["insert into mt_event_progression (name) values ('x')", "update ledger_head set seq = 0", "delete from ledger_blocks", "truncate view_monitoring.times",
                     "insert into monitor.refusals values ('x', 'x', now(), 1)", "create table mine (x int)", "create schema mine"])
        {
            // Even when the session asks for a transaction that may write.
            await Scalar(connection, "rollback; begin read write");
            (await Should.ThrowAsync<PostgresException>(() => Scalar(connection, write))).SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege, write);
        }
        await Scalar(connection, "rollback");
        (await Should.ThrowAsync<PostgresException>(() => Scalar(connection, "create temp table mine (x int)"))).SqlState.ShouldBe(PostgresErrorCodes.ReadOnlySqlTransaction);
    }

    [Fact]
    public async Task Views_are_replaced_while_the_right_to_read_them_is_given_and_neither_fails()
    {
        using var role = new StreamReader(typeof(MonitorDatabase).Assembly.GetManifestResourceStream("EventLedger.Api.V2M.Sql.role.sql")!);
        await using var connection = new NpgsqlConnection(ledger.Connection);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await Scalar(connection, $"begin; {await role.ReadToEndAsync(TestContext.Current.CancellationToken)}");
        var daemon = ledger.Get<ProjectionDaemon>();
        var rebuilds = Task.WhenAll(daemon.States.Select(s => daemon.Rebuild(s.Name, default)));
        for (var waiting = 0L; waiting < daemon.States.Count && !rebuilds.IsCompleted;)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
            waiting = (long)(await Scalar(connection, "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"))!;
        }
        await Scalar(connection, "commit");
        await rebuilds;
        daemon.States.ShouldAllBe(s => s.Error == null && !s.IsRebuilding);
    }

    [Fact]
    [Y4561("D-7.1.5-b"), Y4561("D-7.3.12"), Y4561("D-8.9-2'"), Y4561("D-8.9-3'")]
    public async Task A_source_is_scored_by_what_it_sends_what_is_refused_and_what_it_says_about_time()
    {
        var record = agency.Licence("A-1");
        (await agency.Submit(record, "wait=20")).Status.ShouldBe(201);
        (await agency.Submit(record)).Status.ShouldBe(202);
        (await agency.Submit(agency.Licence("A-1"), "wait=20")).Status.ShouldBe(201);
        (await agency.Submit(agency.Licence("A-2", key: TestLedger.NewKey(KeyPurpose.Record)))).Status.ShouldBeInRange(400, 409);
        (await agency.Submit(agency.Licence("A-3", p => p["kind"] = 7))).Status.ShouldBe(400);

        var card = (await Get("/v2m/v1/sources")).GetProperty("items").EnumerateArray().Single();
        (Number(card, "created"), Number(card, "updated"), Number(card, "refused"), Number(card, "repeated"), Number(card, "rejected")).ShouldBe((1, 1, 2, 1, 0));
        (Number(card, "rejectPerMille"), Number(card, "updatePerMille")).ShouldBe((500, 500));
        card.GetProperty("source").GetString().ShouldBe(agency.Iss);
        card.GetProperty("lastKid").GetString().ShouldBe(agency.Key.Public.Kid);
        card.GetProperty("watermark").GetString().ShouldNotBeNull();
        var one = await Get($"/v2m/v1/sources/{card.GetProperty("id").GetString()}");
        one.GetProperty("refusals").EnumerateArray().Select(r => r.GetProperty("code").GetString()).ShouldContain(RejectionCode.SchemaMismatch);
        one.GetProperty("formats").EnumerateArray().ShouldHaveSingleItem().GetProperty("format").GetString().ShouldBe("licence");
        (await ledger.Send(HttpMethod.Get, "/v2m/v1/sources/nobody", token)).Status.ShouldBe(404);
    }

    [Fact]
    [Y4561("N-8.5-d"), Y4561("N-8.5-e")]
    public async Task Creation_is_counted_by_source_and_type_and_an_update_shows_what_it_changed()
    {
        (await agency.Submit(agency.Licence("B-1"), "wait=20")).Status.ShouldBe(201);
        (await agency.Submit(agency.Licence("B-2"), "wait=20")).Status.ShouldBe(201);
        var changed = await agency.Submit(agency.Licence("B-1", p => p["kind"] = "drink"));
        await ledger.Sealed(changed.Body.GetProperty("seq").GetInt64());

        var creation = await Get("/v2m/v1/creation?step=10");
        (Number(creation, "created"), Number(creation, "updated")).ShouldBe((2, 1));
        creation.GetProperty("steps").EnumerateArray().Sum(s => Number(s, "created")).ShouldBe(2);
        var group = creation.GetProperty("groups").EnumerateArray().Single();
        (group.GetProperty("source").GetString(), group.GetProperty("format").GetString()).ShouldBe((agency.Iss, "licence"));
        // From the count down to the records, and from each to its proof.
        var records = (await Agency.Read(await ledger.Http.GetAsync(group.GetProperty("records").GetString()))).Body;
        records.GetProperty("total").GetInt64().ShouldBe(3);
        (await Get($"/v2m/v1/creation?source={Uri.EscapeDataString("https://other.example")}")).GetProperty("groups").EnumerateArray().ShouldBeEmpty();

        var updates = await Get("/v2m/v1/updates");
        Number(updates, "total").ShouldBe(1);
        var update = updates.GetProperty("items").EnumerateArray().Single();
        Number(update, "seq").ShouldBe(changed.Body.GetProperty("seq").GetInt64());
        update.GetProperty("number").GetString().ShouldBe("B-1");
        var change = update.GetProperty("changes").EnumerateArray().Single();
        (change.GetProperty("field").GetString(), change.GetProperty("before").GetString(), change.GetProperty("after").GetString()).ShouldBe(("kind", "food", "drink"));
        var rate = updates.GetProperty("rates").EnumerateArray().Single();
        (Number(rate, "records"), Number(rate, "updates"), Number(rate, "perMille")).ShouldBe((3, 1, 333));
    }

    [Fact]
    [Y4561("N-8.5-g"), Y4561("D-8.9-1")]
    public async Task The_time_sequence_shows_order_gaps_back_dating_and_a_clock_that_is_ahead()
    {
        var start = Agency.Now;
        var now = start.UnixMs / 1000;
        var old = (await agency.Submit(agency.Licence("C-1", p => p["iat"] = now - 3 * 86_400), "wait=20")).Body.GetProperty("entry").GetProperty("seq").GetInt64();
        // The gap itself, not a wait for something: a stretch of more than a second without an entry.
        await Task.Delay(1200);
        var ahead = (await agency.Submit(agency.Licence("C-2", p => p["iat"] = now + 200))).Body.GetProperty("seq").GetInt64();
        await ledger.Sealed(ahead);

        var times = await Get($"/v2m/v1/times?from={start}&gapSeconds=1");
        (Number(times, "first"), Number(times, "last"), Number(times, "entries"), Number(times, "missing"), Number(times, "backwards")).ShouldBe((old, ahead, ahead - old + 1, 0, 0));
        var gap = times.GetProperty("gaps").EnumerateArray().ShouldHaveSingleItem();
        (Number(gap, "after"), Number(gap, "before"), Number(gap, "seconds")).ShouldBe((ahead - 1, ahead, 1));
        var dated = times.GetProperty("backDated").GetProperty("items").EnumerateArray().ShouldHaveSingleItem();
        Number(dated, "seq").ShouldBe(old);
        Number(dated, "byMs").ShouldBeInRange(3 * 86_400_000L, 3 * 86_400_000L + 120_000);
        dated.GetProperty("sealed").GetString().ShouldNotBeNull();
        var skewed = times.GetProperty("skewed").GetProperty("items").EnumerateArray().ShouldHaveSingleItem();
        (Number(skewed, "seq"), Number(times.GetProperty("skewed"), "total")).ShouldBe((ahead, 1));
        Number(times.GetProperty("sealLag"), "maxMs").ShouldBeGreaterThanOrEqualTo(0);
        times.GetProperty("timeline").EnumerateArray().Sum(s => Number(s, "received")).ShouldBeGreaterThanOrEqualTo(2);
        times.GetProperty("timeline").EnumerateArray().Sum(s => Number(s, "sealed")).ShouldBeGreaterThanOrEqualTo(ahead - old + 1);

        // Whoever takes an entry out of the store leaves a hole that is counted.
        await Database.Run(ledger.Connection, string.Create(CultureInfo.InvariantCulture, $"set ledger.guard = 'off'; delete from mt_events where seq_id = {old}"));
        Number(await Get($"/v2m/v1/times?from={start}"), "missing").ShouldBe(0, "the first entry of a period cannot be known to be missing");
        Number(await Get("/v2m/v1/times"), "missing").ShouldBe(1);
        (await ledger.Send(HttpMethod.Get, "/v2m/v1/times?from=yesterday", token)).Body.GetProperty("code").GetString().ShouldBe("period-malformed");
    }

    [Fact]
    [Y4561("D-7-b"), Y4561("D-7.1.5-a"), Y4561("D-7.3.10"), Y4561("D-7.3.11"), Y4561("D-8.9-x")]
    public async Task Every_entity_says_how_it_does_and_a_lost_quorum_shows()
    {
        (await agency.Submit(agency.Licence("D-1"), "wait=20")).Status.ShouldBe(201);
        var entities = (await Get("/v2m/v1/status")).GetProperty("entities").EnumerateArray().ToDictionary(e => e.GetProperty("entity").GetString()!);
        entities.Keys.ShouldBe(["representation", "processing", "provisioning", "controlling", "monitoring"]);
        entities.Values.ShouldAllBe(e => e.GetProperty("state").GetString() == "ok");
        var validators = await Get("/v2m/v1/validators");
        validators.GetProperty("items").EnumerateArray().Select(v => Number(v, "behind")).ShouldAllBe(behind => behind <= 1);
        validators.GetProperty("items").EnumerateArray().Sum(v => Number(v, "signed")).ShouldBeGreaterThanOrEqualTo(3 * Number(validators, "blocks"));
        var services = await Get("/v2m/v1/services");
        services.GetProperty("probes").EnumerateArray().ShouldAllBe(p => p.GetProperty("ok").GetBoolean());
        var submits = services.GetProperty("calls").EnumerateArray().Single(c => c.GetProperty("route").GetString() == "/r2d/v1/submissions");
        Number(submits, "total").ShouldBe(1);

        await ledger.StopValidator(0);
        await ledger.StopValidator(1);
        var processing = (await Get("/v2m/v1/status")).GetProperty("entities").EnumerateArray().Single(e => e.GetProperty("entity").GetString() == "processing");
        processing.GetProperty("state").GetString().ShouldBe("failed");
        (await Get("/v2m/v1/validators")).GetProperty("items").EnumerateArray().Count(v => !v.GetProperty("validator").GetProperty("answers").GetBoolean()).ShouldBe(2);
    }

    [Fact]
    [Y4561("D-7.2.4-d")]
    public async Task All_operations_are_replayed_from_a_time_on_and_leave_as_lines()
    {
        var start = Agency.Now;
        for (var n = 0; n < 5; n++)
        {
            await agency.Submit(agency.Licence($"E-{n}"));
        }
        var last = (await ledger.Get<IEventStore>().Head(default)).Seq;
        await ledger.Sealed(last);
        var page = await Get($"/v2m/v1/operations?from={start}&types={EventTable.SubmissionAccepted}&limit=3");
        var seen = page.GetProperty("items").EnumerateArray().ToList();
        seen.AddRange((await Get(page.GetProperty("next").GetString()!)).GetProperty("items").EnumerateArray());
        seen.Select(i => Number(i, "seq")).ShouldBe(Enumerable.Range((int)last - 4, 5).Select(s => (long)s));
        seen.ShouldAllBe(i => i.GetProperty("state").GetString() == "sealed" && i.GetProperty("actor").GetString() == agency.Iss);

        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v2m/v1/operations?from={start}");
        request.Headers.Authorization = new("Bearer", token);
        request.Headers.Accept.ParseAdd("application/x-ndjson");
        using var response = await ledger.Http.SendAsync(request);
        (await response.Content.ReadAsStringAsync()).TrimEnd().Split('\n').Select(l => JsonDocument.Parse(l).RootElement.GetProperty("type").GetString())
            .Count(t => t == EventTable.SubmissionAccepted).ShouldBe(5);
    }

    [Fact]
    [Y4561("N-8.5-f"), Y4561("D-7.1.5-c")]
    public async Task Reads_of_protected_fields_are_searched_by_person_user_and_purpose_and_the_chain_itself_tells_none_of_it()
    {
        var log = ledger.Get<AccessLog>();
        var (record, last) = ((await agency.Submit(agency.Licence("F-1"), "wait=20")).Body.GetProperty("entry").GetProperty("seq").GetInt64(), 0L);
        foreach (var (subject, user, purpose) in new[] { ("person-1", "user-a", "audit of taxes"), ("person-1", "user-b", "inspection"), ("person-2", "user-a", "inspection") })
        {
            var (entry, _) = await log.Append(AccessLog.StreamOf(agency.Iss, subject, ""), KeyOwner.Of(agency.Iss, subject, "x"), new(user, "org-1", record, ["holder"], purpose, ["g-1"], 1), default);
            last = entry!.Entry.Seq;
        }
        await ledger.Sealed(last);
        var all = await Get("/v2m/v1/accesses");
        all.GetProperty("items").GetArrayLength().ShouldBe(3);
        all.GetProperty("purposes").GetProperty("inspection").GetInt64().ShouldBe(2);
        (await Users("user=user-a")).ShouldBe(["user-a", "user-a"]);
        (await Users("purpose=inspection")).ShouldBe(["user-a", "user-b"]);
        (await Users($"iss={Uri.EscapeDataString(agency.Iss)}&subject=person-1")).ShouldBe(["user-b", "user-a"]);
        var first = await Get("/v2m/v1/accesses?limit=2&purpose=inspection");
        first.GetProperty("items")[0].GetProperty("fields")[0].GetString().ShouldBe("holder");
        (await ledger.Send(HttpMethod.Get, "/v2m/v1/accesses?subject=person-1", token)).Status.ShouldBe(400);
        // The entry itself tells nobody anything.
        (await ledger.Get<IEventStore>().ReadAll(last, 1, default))[0].Bytes.Span.IndexOf("user-a"u8).ShouldBe(-1);
    }

    private async Task<IEnumerable<string?>> Users(string query) =>
        (await Get($"/v2m/v1/accesses?{query}")).GetProperty("items").EnumerateArray().Select(i => i.GetProperty("user").GetString()).ToList();

    private async Task<JsonElement> Get(string path)
    {
        var (status, body) = await ledger.Send(HttpMethod.Get, path, token);
        status.ShouldBe(200, $"{path}: {body}");
        return body;
    }

    private static long Number(JsonElement json, string name) => json.GetProperty(name).GetInt64();

    private static async Task<object?> Scalar(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
