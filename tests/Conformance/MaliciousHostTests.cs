using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EventLedger.Client;
using EventLedger.Conformance.Support;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using EventLedger.EventStore.Postgres;
using Npgsql;

namespace EventLedger.Conformance;

/// <summary>
/// A host that writes what it likes: whatever it lays into the log in the name of authority is sealed as rejected, changes nothing, and every attempt
/// becomes a finding.
/// </summary>
public sealed class MaliciousHostTests
{
    private const string Evil = "https://evil.example", Accomplice = "AAAAAAAAAAAAAAAAAAAAAQ";

    [Fact]
    [Y4561("N-8.2-a"), Y4561("N-8.2-e"), Y4561("N-8.4-b")]
    public async Task A_host_that_writes_what_it_likes_gives_nobody_anything()
    {
        await using var ledger = await TestLedger.Start();
        var source = await Agency.Register(ledger);
        await ledger.Sealed(await source.Accepted(source.Licence("M-1", jti: "once")));
        var seats = (await ledger.Get("/o2c/v1/validators")).Body["validators"]!.ToJsonString();
        await using var database = NpgsqlDataSource.Create(ledger.Connection);
        await using var store = await PostgresEventStore.Open(database, ledger.Genesis.Chain, TimeProvider.System);
        using var stranger = Keys.Generate(KeyPurpose.Operator);
        using var evil = Keys.Generate(KeyPurpose.Record);
        using var honest = Keys.Load(Path.Combine(ledger.Data, "operators", "operator-1.json"));
        var pseudonym = ledger.Genesis.Operators.Single(o => o.Jwk.Kid == honest.Public.Kid).Pseudonym;

        var attempts = new List<(long Seq, string Code)>();
        async Task Try(string type, string stream, JsonObject data, string code, string actor = "host-1", params SigningKey[] signers) =>
            attempts.Add((await Write(store, ledger.Genesis.Chain, type, stream, data, actor, signers), code));

        // A source without any signature, and with a stranger's.
        var request = SourceRequest.Create(evil, Evil, "Evil", ledger.Genesis.Chain, Agency.Now);
        await Try(EventTable.SourceApproved, EventTable.SourceStream(Evil), new() { ["request"] = request }, RejectionCode.AuthorizationMalformed);
        await Try(EventTable.SourceApproved, EventTable.SourceStream(Evil), new() { ["request"] = request }, RejectionCode.AuthorizationSignature, "host-1", stranger);
        // A role for an accomplice.
        var role = new JsonObject { ["jwk"] = stranger.Public.ToJson(), ["kind"] = "cli", ["pseudonym"] = Accomplice, ["role"] = Role.Operator };
        await Try(EventTable.RoleBound, EventTable.RoleStream(Accomplice), role, RejectionCode.AuthorizationSignature, Accomplice, stranger);
        // A grant of fields that are not public.
        await Try(EventTable.GrantIssued, "grant-evil", new()
        {
            ["id"] = "evil", ["party"] = "evil", ["dataset"] = "licence", ["fields"] = new JsonArray("holder"), ["purpose"] = "curiosity", ["notAfter"] = "2030-01-01T00:00:00.000Z",
        }, RejectionCode.AuthorizationSignature, "host-1", stranger);
        // Parameter and validator set: one honest operator's signature is there, and it is not enough.
        await Try(EventTable.ParameterSet, EventTable.ParameterStream, new() { ["name"] = LedgerParameters.BlockEntries, ["value"] = 1, ["effectiveHeight"] = 1_000_000 },
            RejectionCode.AuthorizationPersons, pseudonym, honest);
        var members = new JsonArray([.. ledger.Genesis.Set.Members.Take(4).Select(m => new JsonObject { ["kid"] = m.Kid, ["power"] = 7 })]);
        await Try(EventTable.ValidatorSetChanged, EventTable.ValidatorStream, new() { ["members"] = members, ["reason"] = "mine" }, RejectionCode.AuthorizationPersons, pseudonym, honest);
        // A supervisor's word without a supervisor, and the host's own on a stream that is not its.
        await Try(EventTable.FindingClosed, "supervision-finding-f1", new() { ["id"] = "f1", ["outcome"] = "nothing to see" }, RejectionCode.AuthorizationSignature, pseudonym, honest);
        await Try(EventTable.AlertCleared, "supervision-alert-a1", new() { ["rule"] = "r1" }, RejectionCode.StreamWrong);
        // An authorization that was given for something else.
        var suspended = new JsonObject { ["iss"] = Agency.Iss, ["reason"] = "inquiry" };
        var stolen = Signed(ledger.Genesis.Chain, EventTable.SourceReinstated, EventTable.SourceStream(Agency.Iss), suspended, 1, [honest]);
        await Try(EventTable.SourceSuspended, EventTable.SourceStream(Agency.Iss), stolen, RejectionCode.AuthorizationSignature, pseudonym);
        // A record twice.
        SdJwt.TryParse(source.Licence("M-2", jti: "once"), out var twice, out _).ShouldBeTrue();
        await Try(EventTable.SubmissionAccepted, Agency.StreamOf("M-2"), new() { ["record"] = twice!.Jwt }, RejectionCode.JtiReused, Agency.Iss);
        await ledger.Sealed(attempts[^1].Seq);

        List<string> expected = [.. attempts.Select(a => $"{a.Seq} {a.Code}")];
        (await ledger.Rows("select seq || ' ' || code from ledger_rejections order by seq")).ShouldBe(expected);
        (await ledger.Get("/r2d/v1/sources")).Body["sources"]!.AsArray().Select(s => (string)s!["iss"]!).ShouldBe([Agency.Iss]);
        (await ledger.Get("/o2c/v1/validators")).Body["validators"]!.ToJsonString().ShouldBe(seats);
        (await ledger.Get("/u2s/v1/licences/M-2")).Status.ShouldBe(404);
        // The accomplice has no role: what it signs is refused at the door too.
        var (status, body) = await ledger.Post("/o2c/v1/controls", new()
        {
            ["type"] = EventTable.SourceSuspended, ["stream"] = EventTable.SourceStream(Agency.Iss), ["expectedVersion"] = 3,
            ["data"] = Signed(ledger.Genesis.Chain, EventTable.SourceSuspended, EventTable.SourceStream(Agency.Iss), suspended, 3, [stranger]),
        });
        (status, (string)body["type"]!).ShouldBe((400, "/problems/authorization-signature"));
        // The source still submits, and every attempt is a finding.
        await ledger.Sealed(await source.Accepted(source.Licence("M-3")));
        await Wait.Until("a finding for each attempt", async () => await ledger.Scalar("select count(*) from mt_events where stream_id = 'findings'") == attempts.Count);
        (await ledger.Rows("select data->>'seq' || ' ' || (data->>'code') from mt_events where stream_id = 'findings' order by (data->>'seq')::bigint")).ShouldBe(expected);
        await ledger.AllSealed();
        var (exit, said) = await ledger.Audit();
        exit.ShouldBe(0, said);
    }

    private static async Task<long> Write(PostgresEventStore store, string chain, string type, string stream, JsonObject data, string actor, SigningKey[] signers)
    {
        var version = (await store.StreamVersions([stream], default)).GetValueOrDefault(stream);
        var whole = signers.Length == 0 ? data : Signed(chain, type, stream, data, version, signers);
        var answer = await store.Append(new(stream, version, new NewEvent(type, actor, Jcs.Bytes(whole))), default);
        return answer.ShouldBeOfType<AppendResult.Appended>().FirstSeq;
    }

    private static JsonObject Signed(string chain, string type, string stream, JsonObject data, long version, SigningKey[] signers)
    {
        var (nonce, exp) = (B64.Encode(RandomNumberGenerator.GetBytes(16)), Agency.Now.PlusMs(3_600_000));
        var subject = Authorization.Subject(chain, stream, type, data, version, nonce, exp);
        var whole = (JsonObject)data.DeepClone();
        whole["authorization"] = Authorization.Create(nonce, exp, signers.Select(s => Authorization.Sign(s, subject)));
        return whole;
    }
}
