using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Http;
using EventLedger.Api.Identity;
using EventLedger.Api.Tests.Support;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using EventLedger.Tests.Shared;
using Xunit;

namespace EventLedger.Api.Tests.Identity;

public sealed class SessionTests(PostgresFixture postgres) : IAsyncLifetime
{
    private TestLedger ledger = null!;

    public async ValueTask InitializeAsync() => ledger = await TestLedger.Start(await postgres.Cluster.CreateDatabase(), Probe.Map);

    public ValueTask DisposeAsync() => ledger.DisposeAsync();

    [Fact]
    [Y4561("N-8.4-c")]
    public async Task A_person_signs_in_with_a_key_that_the_ledger_binds_and_with_no_other()
    {
        var (status, begun) = await TokenFor.TrySignIn(ledger, ledger.Operators[0]);
        (status, begun.GetProperty("pseudonym").GetString()).ShouldBe((200, ledger.Genesis.Operators[0].Pseudonym));
        using var stranger = TestLedger.NewKey(KeyPurpose.Operator);
        (await TokenFor.TrySignIn(ledger, stranger)).Status.ShouldBe(401);

        async Task<string> Challenge() => (await ledger.Send(HttpMethod.Post, "/identity/v1/challenge")).Body.GetProperty("challenge").GetString()!;
        async Task<int> Answer(string jws) => (await ledger.Send(HttpMethod.Post, "/identity/v1/sign-in", body: new() { ["jws"] = jws })).Status;
        var key = ledger.Operators[0];
        var good = SignIn.Create(key, ledger.Genesis.Chain, await Challenge());
        (await Answer(good)).ShouldBe(200);
        (await Answer(good)).ShouldBe(401, "a challenge counts once");
        (await Answer(SignIn.Create(key, ledger.Genesis.Chain, B64.Encode(new byte[32])))).ShouldBe(401, "not asked");
        (await Answer(SignIn.Create(key, "another-0123456789abcdef", await Challenge()))).ShouldBe(401, "another ledger");
        var payload = Jcs.Bytes(new JsonObject { ["aud"] = $"urn:eventledger:{ledger.Genesis.Chain}", ["challenge"] = await Challenge() });
        (await Answer(key.SignJws("authorization+jws", payload))).ShouldBe(401, "an authorization is no sign-in");
    }

    [Fact]
    [Y4561("N-8.5-c")]
    [Y4561("D-7.2.3-a")]
    public async Task An_operator_and_a_supervisor_have_a_realm_each()
    {
        var (pseudonym, supervisor) = await TokenFor.Bind(ledger, Role.Supervisor);
        var watching = await TokenFor.Person(ledger, supervisor, "v2m");
        var controlling = await TokenFor.Person(ledger, ledger.Operators[0], "o2c");
        (await ledger.Send(HttpMethod.Get, Probe.Of("v2m", Policy.Supervisor), watching)).Status.ShouldBe(200);
        (await ledger.Send(HttpMethod.Get, Probe.Of("o2c", Policy.Operator), controlling)).Status.ShouldBe(200);
        (await ledger.Send(HttpMethod.Get, Probe.Of("o2c", Policy.Operator), watching)).Status.ShouldBe(401);
        (await ledger.Send(HttpMethod.Get, Probe.Of("v2m", Policy.Supervisor), controlling)).Status.ShouldBe(401);
        (await TokenFor.AskPerson(ledger, await TokenFor.SignIn(ledger, supervisor), "o2c")).Status.ShouldBe(403);
        (await TokenFor.AskPerson(ledger, await TokenFor.SignIn(ledger, ledger.Operators[0]), "v2m")).Status.ShouldBe(403);

        using var key = TestLedger.NewKey(KeyPurpose.Operator);
        (await new Agency(ledger).Control(EventTable.RoleBound, EventTable.RoleStream(pseudonym), 1,
            new() { ["jwk"] = key.Public.ToJson(), ["kind"] = "cli", ["pseudonym"] = pseudonym, ["role"] = Role.Operator }, [.. ledger.Operators]))
            .Body.GetProperty("code").GetString().ShouldBe(RejectionCode.RoleConflict, "nobody watches what they control");
    }

    [Fact]
    [Y4561("N-8.3-c")]
    public async Task A_session_that_its_owner_ends_takes_its_tokens_with_it()
    {
        var (mine, other) = (await TokenFor.SignIn(ledger, ledger.Operators[0]), await TokenFor.SignIn(ledger, ledger.Operators[0]));
        var token = (await TokenFor.AskPerson(ledger, other, "o2c")).Body.GetProperty("access_token").GetString();
        (await ledger.Send(HttpMethod.Get, Probe.Of("o2c", Policy.Operator), token)).Status.ShouldBe(200);
        var open = (await ledger.Send(HttpMethod.Get, "/identity/v1/sessions", mine)).Body.GetProperty("sessions").EnumerateArray().ToList();
        open.Count.ShouldBe(2);
        var id = open.Single(s => !s.GetProperty("isThis").GetBoolean()).GetProperty("id").GetString();
        (await ledger.Send(HttpMethod.Delete, $"/identity/v1/sessions/{id}", await TokenFor.SignIn(ledger, ledger.Operators[1]))).Status.ShouldBe(404, "another person's");
        (await ledger.Send(HttpMethod.Get, Probe.Of("o2c", Policy.Operator), token)).Status.ShouldBe(200);
        (await ledger.Send(HttpMethod.Delete, $"/identity/v1/sessions/{id}", mine)).Status.ShouldBe(204);
        (await ledger.Send(HttpMethod.Get, Probe.Of("o2c", Policy.Operator), token)).Status.ShouldBe(401);
        (await TokenFor.AskPerson(ledger, other, "o2c")).Status.ShouldBe(401);
        (await ledger.Send(HttpMethod.Get, "/identity/v1/me", id)).Status.ShouldBe(401, "its name is not its secret");
    }

    [Fact]
    public async Task A_sixth_sign_in_ends_the_oldest_and_time_ends_all()
    {
        var first = await TokenFor.SignIn(ledger, ledger.Operators[0]);
        var last = first;
        for (var i = 0; i < Sessions.Max; i++)
        {
            last = await TokenFor.SignIn(ledger, ledger.Operators[0]);
        }
        (await ledger.Send(HttpMethod.Get, "/identity/v1/me", first)).Status.ShouldBe(401);
        var me = (await ledger.Send(HttpMethod.Get, "/identity/v1/sessions", last)).Body.GetProperty("sessions");
        me.GetArrayLength().ShouldBe(Sessions.Max);
        await Database.Run(ledger.Connection, "update identity.sessions set seen = seen - interval '31 minutes'");
        (await ledger.Send(HttpMethod.Get, "/identity/v1/me", last)).Status.ShouldBe(401, "half an hour without use");
        last = await TokenFor.SignIn(ledger, ledger.Operators[0]);
        await Database.Run(ledger.Connection, "update identity.sessions set until = until - interval '8 hours'");
        (await ledger.Send(HttpMethod.Get, "/identity/v1/me", last)).Status.ShouldBe(401, "eight hours");
    }

    [Fact]
    public async Task A_role_that_is_taken_away_is_gone_with_the_next_call()
    {
        var (pseudonym, key) = await TokenFor.Bind(ledger, Role.Notary);
        var token = await TokenFor.Person(ledger, key, "u2s");
        (await ledger.Send(HttpMethod.Get, Probe.Of("u2s", Policy.Notary), token)).Status.ShouldBe(200);
        (await new Agency(ledger).Control(EventTable.RoleUnbound, EventTable.RoleStream(pseudonym), 1,
            new() { ["pseudonym"] = pseudonym, ["reason"] = "Left", ["role"] = Role.Notary }, [.. ledger.Operators])).Status.ShouldBe(202);
        (await ledger.Send(HttpMethod.Get, Probe.Of("u2s", Policy.Notary), token)).Status.ShouldBe(403);
        (await TokenFor.TrySignIn(ledger, key)).Status.ShouldBe(401);
    }

    [Fact]
    [Y4561("N-6.2.6-a")]
    public async Task What_is_refused_stands_on_the_ledger_by_kind_and_count_and_names_nobody()
    {
        using var stranger = TestLedger.NewKey(KeyPurpose.Operator);
        (await TokenFor.TrySignIn(ledger, stranger)).Status.ShouldBe(401);
        (await TokenFor.TrySignIn(ledger, stranger)).Status.ShouldBe(401);
        (await ledger.Send(HttpMethod.Get, Probe.Of("o2c", Policy.Operator), "x.y.z")).Status.ShouldBe(401);
        (await ledger.Send(HttpMethod.Get, Probe.Of("u2s", Policy.Notary), await TokenFor.Person(ledger, ledger.Operators[0], "u2s"))).Status.ShouldBe(403);
        await ledger.Get<SecurityWriter>().Write(default);
        var noted = (await ledger.Get<IEventStore>().ReadStream(EventTable.SecurityStream, 1, default)).Select(e => JsonDocument.Parse(e.Entry.Data).RootElement)
            .ToDictionary(e => e.GetProperty("kind").GetString()!, e => e.GetProperty("count").GetInt64());
        noted.ShouldBe(new Dictionary<string, long> { [SecurityNotes.SignInFailed] = 2, [SecurityNotes.TokenRefused] = 1, [SecurityNotes.AccessRefused] = 1 }, ignoreOrder: true);
        var entry = (await ledger.Get<IEventStore>().ReadStream(EventTable.SecurityStream, 1, default))[0].Entry;
        JsonDocument.Parse(entry.Data).RootElement.EnumerateObject().Select(m => m.Name).ShouldBe(["count", "kind", "minute"]);
        await ledger.Sealed(entry.Seq);
        (await ledger.Get<IEventStore>().Rejections(entry.Seq, entry.Seq, default)).ShouldBeEmpty();
    }
}
