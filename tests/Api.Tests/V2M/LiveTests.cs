using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Tests.Support;
using EventLedger.Client;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using EventLedger.Tests.Shared;
using Xunit;

namespace EventLedger.Api.Tests.V2M;

/// <summary>The hub over real WebSockets.</summary>
[Y4561("D-7.2.4-d")]
public sealed class LiveTests(PostgresFixture postgres) : IAsyncLifetime
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
    [Y4561("N-8.5-d")]
    public async Task A_subscriber_sees_a_record_taken_in_and_then_the_block_that_seals_it()
    {
        await using var live = await LiveConnection.Open(ledger.Http.BaseAddress!, token);
        await using var feed = live.Follow(new() { ["kinds"] = new JsonArray("event", "block"), ["entries"] = true }, await End()).GetAsyncEnumerator();
        var submitted = await agency.Submit(agency.Licence("A-1"));
        var seq = submitted.Body.GetProperty("seq").GetInt64();

        var seen = await Until(feed, items => items.Exists(i => Kind(i) == "block" && i.GetProperty("size").GetInt64() >= seq));
        var record = seen.Single(i => Kind(i) == "event" && Place(i) == seq);
        (record.GetProperty("type").GetString(), record.GetProperty("actor").GetString(), record.GetProperty("format").GetString())
            .ShouldBe((EventTable.SubmissionAccepted, agency.Iss, Agency.Vct));
        // The bytes are those that were sealed: anyone may compute the leaf from them.
        Entry.LeafHash(Jcs.Bytes(record.GetProperty("entry"))).ToString().ShouldBe(record.GetProperty("leaf").GetString());
        var block = seen.Last(i => Kind(i) == "block");
        var header = (await Agency.Read(await ledger.Http.GetAsync($"/u2s/v1/blocks/{block.GetProperty("height")}"))).Body;
        block.GetProperty("hash").GetString().ShouldBe(header.GetProperty("hash").GetString());
        seen.FindIndex(i => Place(i) == seq && Kind(i) == "event").ShouldBeLessThan(seen.FindLastIndex(i => Kind(i) == "block"));
    }

    [Fact]
    public async Task What_was_before_comes_from_any_position_once_and_each_block_right_after_its_last_entry()
    {
        for (var n = 0; n < 40; n++)
        {
            (await agency.Submit(agency.Licence($"B-{n}"), n % 10 == 9 ? "wait=20" : null)).Status.ShouldBeInRange(201, 202);
        }
        var end = await End();
        var places = new List<LivePlace> { new(0, 0) };
        for (var run = 0; run < 2; run++)
        {
            // From the very beginning, and from some place in the middle.
            var from = places[^1];
            await using var live = await LiveConnection.Open(ledger.Http.BaseAddress!, token);
            await using var feed = live.Follow(null, from).GetAsyncEnumerator();
            var seen = (await Until(feed, items => items.Exists(i => Kind(i) == "block" && Place(i) == end.Height))).Where(i => Kind(i) != "health").ToList();
            places.Add(await PlaceBefore(end.Height / 2));
            seen.Where(i => Kind(i) != "block").Select(Place).Take((int)(end.Seq - from.Seq)).ShouldBe(Range(from.Seq + 1, end.Seq));
            seen.Where(i => Kind(i) == "block").Select(Place).ShouldBe(Range(from.Height + 1, end.Height));
            var last = from.Seq;
            foreach (var item in seen)
            {
                last = Kind(item) == "block" ? last : Place(item);
                if (Kind(item) == "block" && Place(item) > from.Height)
                {
                    item.GetProperty("size").GetInt64().ShouldBe(last);
                }
            }
        }
    }

    [Fact]
    public async Task Nothing_is_lost_or_doubled_when_the_connection_is_cut_again_and_again_and_when_the_host_restarts()
    {
        var (from, seqs, heights) = (await End(), new List<long>(), new List<long>());
        var at = from;
        for (var half = 0; half < 2; half++)
        {
            using var stop = new CancellationTokenSource();
            var submitting = Submit(stop.Token);
            for (var cut = 0; cut < 8; cut++)
            {
                at = await Read(at, seqs, heights, messages: 3);
            }
            await stop.CancelAsync();
            await submitting;
            await ledger.StopHost();
            await ledger.StartHost();
            await ledger.Ready();
        }
        var end = (await ledger.Get<IEventStore>().Head(default)).Seq;
        while (at.Seq < end)
        {
            at = await Read(at, seqs, heights, messages: 1);
        }
        seqs.ShouldBe(Range(from.Seq + 1, at.Seq));
        heights.ShouldBe(Range(from.Height + 1, at.Height));
    }

    [Fact]
    public async Task A_subscriber_that_stops_reading_holds_up_nobody_and_loses_nothing()
    {
        var store = ledger.Get<IEventStore>();
        var from = await End();
        await using var stalled = await LiveConnection.Open(ledger.Http.BaseAddress!, token);
        await using var slow = stalled.Follow(new() { ["entries"] = true, ["kinds"] = new JsonArray("alert") }, from).GetAsyncEnumerator();
        var first = slow.MoveNextAsync().AsTask();
        await using var live = await LiveConnection.Open(ledger.Http.BaseAddress!, token);
        await using var feed = live.Follow(new() { ["kinds"] = new JsonArray("alert") }, from).GetAsyncEnumerator();
        // 600 entries of 50 kB are more than all the buffers between the two ends take in.
        var large = Jcs.Bytes(new JsonObject { ["kind"] = "test", ["seq"] = 1, ["code"] = new string('x', 50_000) });
        for (var n = 0; n < 20; n++)
        {
            var version = (await store.StreamVersions([EventTable.FindingStream], default)).GetValueOrDefault(EventTable.FindingStream);
            (await store.Append(new(EventTable.FindingStream, version, [.. Enumerable.Range(0, 30).Select(_ => new NewEvent(EventTable.FindingRaised, "host", large))], []), default))
                .ShouldBeOfType<AppendResult.Appended>();
        }
        var seen = await Until(feed, items => items.Count == 600);
        (await first).ShouldBeTrue();
        var late = slow.Current.Items.ToList();
        late.Count.ShouldBeLessThan(600);
        late.AddRange(await Until(slow, items => items.Count == 600 - late.Count));
        late.Select(Place).ShouldBe(seen.Select(Place));
        seen.Select(Place).ShouldBeInOrder();
    }

    [Fact]
    public async Task A_filter_lets_through_what_it_names_and_the_position_moves_on_over_the_rest()
    {
        var from = await End();
        await agency.Submit(agency.Licence("C-1"), "wait=20");
        (await agency.RegisterFormat()).Status.ShouldBe(409);
        (await agency.Control(EventTable.FormatRetired, EventTable.FormatStream("licence"), 1, new() { ["id"] = "licence", ["reason"] = "old", ["version"] = 1 })).Status.ShouldBe(202);
        await using var live = await LiveConnection.Open(ledger.Http.BaseAddress!, token);
        await using var feed = live.Follow(new() { ["kinds"] = new JsonArray("event"), ["types"] = new JsonArray(EventTable.FormatRetired) }, from).GetAsyncEnumerator();
        var seen = await Until(feed, items => items.Count > 0);
        seen.ShouldHaveSingleItem().GetProperty("type").GetString().ShouldBe(EventTable.FormatRetired);
        feed.Current.Place.Seq.ShouldBe(Place(seen[0]));
    }

    [Fact]
    [Y4561("D-7.3.11")]
    public async Task The_state_of_the_validators_is_shown_and_shown_anew_when_one_goes_away()
    {
        await using var live = await LiveConnection.Open(ledger.Http.BaseAddress!, token);
        await using var feed = live.Follow(new() { ["kinds"] = new JsonArray("health") }, null).GetAsyncEnumerator();
        var all = await Until(feed, items => items.Count > 0);
        all[^1].GetProperty("validators").EnumerateArray().Select(v => v.GetProperty("name").GetString()).Order().ShouldBe(["v1", "v2", "v3", "v4"]);
        await ledger.StopValidator(2);
        await Until(feed, items => items.Exists(i => i.GetProperty("validators").EnumerateArray().Any(v => v.GetProperty("name").GetString() == "v3" && !v.GetProperty("answers").GetBoolean())));
    }

    [Fact]
    [Y4561("N-8.5-c")]
    public async Task The_feed_opens_to_supervisors_alone()
    {
        (await Should.ThrowAsync<LedgerProblemException>(() => LiveConnection.Open(ledger.Http.BaseAddress!))).Status.ShouldBe(System.Net.HttpStatusCode.Unauthorized);
        var person = await TokenFor.Person(ledger, ledger.Operators[0], "o2c");
        (await Should.ThrowAsync<LedgerProblemException>(() => LiveConnection.Open(ledger.Http.BaseAddress!, person))).Status.ShouldBe(System.Net.HttpStatusCode.Unauthorized);
        (await ledger.Send(HttpMethod.Get, "/v2m/v1/status", person)).Status.ShouldBe(401);
        (await ledger.Send(HttpMethod.Get, "/v2m/v1/status", token)).Status.ShouldBe(200);
    }

    [Fact]
    [Y4561("N-8.5-c")]
    public async Task A_stream_ends_with_the_session_the_role_or_the_token_that_it_was_opened_by()
    {
        var (pseudonym, key) = await TokenFor.Bind(ledger, Role.Supervisor);
        var ended = await TokenFor.SignIn(ledger, key);
        var kept = await TokenFor.SignIn(ledger, key);
        async Task<string> Token(string session) => (await TokenFor.AskPerson(ledger, session, "v2m")).Body.GetProperty("access_token").GetString()!;
        await using var bySession = await LiveConnection.Open(ledger.Http.BaseAddress!, await Token(ended));
        await using var byRole = await LiveConnection.Open(ledger.Http.BaseAddress!, await Token(kept));
        await using var byTime = await LiveConnection.Open(ledger.Http.BaseAddress!, ShortOf(token, seconds: 4));
        await using var stays = await LiveConnection.Open(ledger.Http.BaseAddress!, token);
        var others = new JsonObject { ["kinds"] = new JsonArray("access") };
        Task<string> Why(LiveConnection live) => Ended(live.Follow(others, null));
        var (session, role, time, going) = (Why(bySession), Why(byRole), Why(byTime), Why(stays));

        var id = (await ledger.Send(HttpMethod.Get, "/identity/v1/sessions", ended)).Body.GetProperty("sessions").EnumerateArray().Single(s => s.GetProperty("isThis").GetBoolean());
        (await ledger.Send(HttpMethod.Delete, $"/identity/v1/sessions/{id.GetProperty("id").GetString()}", ended)).Status.ShouldBe(204);
        (await session).ShouldBe("token-invalid");
        role.IsCompleted.ShouldBeFalse("it stands on another session");
        (await agency.Control(EventTable.RoleUnbound, EventTable.RoleStream(pseudonym), 1, new() { ["pseudonym"] = pseudonym, ["role"] = Role.Supervisor, ["reason"] = "left" })).Status.ShouldBe(202);
        (await role).ShouldBe("role-missing");
        (await time).ShouldBe("token-invalid");
        going.IsCompleted.ShouldBeFalse("nobody else's stream ends");
        // An open connection is no way around it either.
        (await Why(byTime)).ShouldBe("token-invalid");
    }

    private static async Task<string> Ended(IAsyncEnumerable<LiveBatch> feed)
    {
        var limit = Task.Delay(TimeSpan.FromSeconds(30));
        var reading = Task.Run(async () =>
        {
            await foreach (var _ in feed)
            {
            }
        });
        (await Task.WhenAny(reading, limit)).ShouldBe(reading, "the stream goes on");
        return (await Should.ThrowAsync<LedgerProblemException>(() => reading)).Code;
    }

    // The host's own token, but for its end.
    private string ShortOf(string good, int seconds)
    {
        B64.TryDecode(good.Split('.')[1], out var payload);
        var claims = (JsonObject)JsonNode.Parse(payload)!;
        claims["exp"] = Agency.Now.UnixMs / 1000 + seconds;
        SigningKey.TryParse(File.ReadAllBytes(Path.Combine(ledger.Data, "host", "token.json")), out var key).ShouldBeTrue();
        return key!.SignJws(AccessToken.Typ, Jcs.Bytes(claims));
    }

    [Theory]
    [InlineData("""{"kinds":["nonsense"]}""", 0, "request-malformed")]
    [InlineData("{}", 1_000_000, "position-gone")]
    public async Task A_feed_that_cannot_be_is_refused_with_a_code(string filter, long seq, string code)
    {
        await using var live = await LiveConnection.Open(ledger.Http.BaseAddress!, token);
        await using var feed = live.Follow((JsonObject)JsonNode.Parse(filter)!, new(seq, 0)).GetAsyncEnumerator();
        (await Should.ThrowAsync<LedgerProblemException>(async () => await feed.MoveNextAsync())).Code.ShouldBe(code);
    }

    // A connection of its own that is cut in the middle of a message or between two, as it happens.
    private async Task<LivePlace> Read(LivePlace at, List<long> seqs, List<long> heights, int messages)
    {
        await using var live = await LiveConnection.Open(ledger.Http.BaseAddress!, token);
        await using var feed = live.Follow(new() { ["kinds"] = new JsonArray("event", "alert", "block") }, at).GetAsyncEnumerator();
        for (var n = 0; n < messages && await feed.MoveNextAsync(); n++)
        {
            at = feed.Current.Place;
            seqs.AddRange(feed.Current.Items.Where(i => Kind(i) != "block").Select(Place));
            heights.AddRange(feed.Current.Items.Where(i => Kind(i) == "block").Select(Place));
        }
        live.Abort();
        return at;
    }

    private async Task Submit(CancellationToken stop)
    {
        for (var n = 1; !stop.IsCancellationRequested; n++)
        {
            (await agency.Submit(agency.Licence($"S-{Guid.NewGuid():N}"), n % 8 == 0 ? "wait=20" : null)).Status.ShouldBeInRange(201, 202);
        }
    }

    private async Task<LivePlace> End()
    {
        var store = ledger.Get<IEventStore>();
        var seq = (await store.Head(default)).Seq;
        await ledger.Sealed(seq);
        return new(seq, (await store.LatestBlock(default))!.Height);
    }

    // The place of a reader that has just been shown a block.
    private async Task<LivePlace> PlaceBefore(long height) => new((await ledger.Get<IEventStore>().Block(height, default))!.Size, height);

    private static async Task<List<JsonElement>> Until(IAsyncEnumerator<LiveBatch> feed, Func<List<JsonElement>, bool> enough)
    {
        var seen = new List<JsonElement>();
        while (!enough(seen))
        {
            (await feed.MoveNextAsync()).ShouldBeTrue();
            seen.AddRange(feed.Current.Items);
        }
        return seen;
    }

    private static string Kind(JsonElement item) => item.GetProperty("kind").GetString()!;

    private static long Place(JsonElement item) => item.GetProperty(Kind(item) == "block" ? "height" : "seq").GetInt64();

    private static IEnumerable<long> Range(long first, long last) => Enumerable.Range(0, (int)(last - first + 1)).Select(i => first + i);
}
