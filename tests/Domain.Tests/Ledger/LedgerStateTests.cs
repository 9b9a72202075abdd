using System.Text.Json.Nodes;
using EventLedger.Client;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using Shouldly;
using Xunit;

namespace EventLedger.Domain.Tests.Ledger;

public sealed class LedgerStateTests
{
    private readonly RulesChain chain = RulesChain.WithSource();

    [Fact, Y4561("N-6.2.2-b")]
    public void A_record_of_an_admitted_source_is_valid() => chain.Submit("A1", chain.Record("A1", "j1")).ShouldBeNull();

    [Fact]
    public void The_same_jti_or_index_is_taken_once()
    {
        chain.Submit("A1", chain.Record("A1", "j1", 7)).ShouldBeNull();
        chain.Submit("A2", chain.Record("A2", "j1", 8)).ShouldBe(RejectionCode.JtiReused);
        chain.Submit("A3", chain.Record("A3", "j3", 7)).ShouldBe(RejectionCode.IdxReused);
    }

    [Fact]
    public void A_rejected_record_takes_nothing()
    {
        chain.Submit("A1", chain.Record("A1", "j1", key: Keys.Generate(KeyPurpose.Record))).ShouldBe(RejectionCode.KeyUnknown);
        chain.Submit("A1", chain.Record("A1", "j1")).ShouldBeNull();
    }

    [Fact]
    public void A_jti_that_spells_a_list_address_is_no_list_address()
    {
        var uri = $"http://localhost:8080{EventTable.StatusListPath(RulesChain.Iss, 0)}";
        chain.Submit("A1", chain.Record("A1", $"{uri}\n7", 1)).ShouldBeNull();
        chain.Submit("A2", chain.Record("A2", "j2", 7)).ShouldBeNull();
    }

    [Fact]
    public void A_record_stands_in_its_own_stream_under_its_source()
    {
        chain.Submit("A2", chain.Record("A1", "j1")).ShouldBe(RejectionCode.StreamWrong);
        chain.Append(EventTable.SubmissionAccepted, RulesChain.StreamOf("A1"), "somebody", new() { ["record"] = chain.Record("A1", "j2", 2).TrimEnd('~') })
            .ShouldBe(RejectionCode.DataMalformed);
    }

    [Fact]
    [Y4561("N-8.2-c")]
    public void Types_versions_and_times_follow_their_order()
    {
        chain.Append("licence_invented", "x", "x", []).ShouldBe(RejectionCode.TypeUnknown);
        var record = new JsonObject { ["record"] = chain.Record("A1", "j1").TrimEnd('~') };
        chain.Seal(new(chain.State.Head.Size + 1, RulesChain.StreamOf("A1"), 2, EventTable.SubmissionAccepted, RulesChain.Start.PlusMs(1), RulesChain.Iss, Jcs.Bytes(record)))
            .ShouldBe(RejectionCode.VersionWrong);
        chain.Seal(new(chain.State.Head.Size + 1, EventTable.FindingStream, 1, EventTable.FindingRaised, RulesChain.Start.PlusMs(60_000), "host", "{}"u8.ToArray()))
            .ShouldBe(RejectionCode.TimeWrong);
    }

    [Fact, Y4561("N-6.2.1-d")]
    public void What_a_key_signed_before_its_revocation_stays_valid_and_nothing_after()
    {
        var record = chain.Record("A1", "j1");
        chain.Submit("A1", record).ShouldBeNull();
        chain.Control(EventTable.KeyRevoked, EventTable.SourceStream(RulesChain.Iss), new() { ["kid"] = chain.Source.Public.Kid, ["reason"] = "lost" }).ShouldBeNull();
        chain.Submit("A2", chain.Record("A2", "j2", 2)).ShouldBe(RejectionCode.KeyInvalid);
        chain.Status("A1", 1, record).ShouldBe(RecordStatus.Valid);
    }

    [Fact]
    public void A_suspended_source_submits_nothing_until_it_is_reinstated()
    {
        JsonObject why = new() { ["iss"] = RulesChain.Iss, ["reason"] = "inquiry" };
        chain.Control(EventTable.SourceSuspended, EventTable.SourceStream(RulesChain.Iss), why).ShouldBeNull();
        chain.Submit("A1", chain.Record("A1", "j1")).ShouldBe(RejectionCode.SourceInactive);
        chain.Control(EventTable.SourceReinstated, EventTable.SourceStream(RulesChain.Iss), why).ShouldBeNull();
        chain.Submit("A1", chain.Record("A1", "j1")).ShouldBeNull();
    }

    [Fact]
    public void A_status_is_told_as_of_its_height()
    {
        var record = chain.Record("A1", "j1", exp: RulesChain.Start.UnixMs / 1000);
        chain.Submit("A1", record).ShouldBeNull();
        chain.Status("A1", 1, record).ShouldBe(RecordStatus.Expired);
        var before = chain.State.Head.Height;
        chain.Change("A1", "s1", RecordStatus.Suspended).ShouldBeNull();
        chain.Status("A1", 1, record).ShouldBe(RecordStatus.Suspended);
        SdJwt.TryParse(record, out var parsed, out _).ShouldBeTrue();
        var entry = new Entry(1, RulesChain.StreamOf("A1"), 1, EventTable.SubmissionAccepted, RulesChain.Start, RulesChain.Iss, default);
        chain.State.StatusOf(entry, default, parsed!, before)!.Status.ShouldBe(RecordStatus.Expired);
        chain.State.StatusOf(entry, default, parsed!, chain.State.Head.Height + 1).ShouldBeNull();
    }

    [Fact]
    public void A_revocation_is_final_for_the_record_but_not_for_its_number()
    {
        var (old, renewed) = (chain.Record("A1", "j1", 1), chain.Record("A1", "j2", 2));
        chain.Submit("A1", old).ShouldBeNull();
        chain.Change("A1", "s1", RecordStatus.Revoked).ShouldBeNull();
        chain.Change("A1", "s2", RecordStatus.Valid).ShouldBeNull();
        chain.Status("A1", 1, old).ShouldBe(RecordStatus.Revoked);
        chain.Submit("A1", renewed).ShouldBeNull();
        chain.Status("A1", 4, renewed).ShouldBe(RecordStatus.Valid);
        chain.Status("A1", 1, old).ShouldBe(RecordStatus.Revoked);
    }

    [Fact]
    [Y4561("N-8.1-e")]
    public void A_correction_supersedes_and_lifts_no_suspension()
    {
        var (old, corrected) = (chain.Record("A1", "j1", 1), chain.Record("A1", "j2", 2));
        chain.Submit("A1", old).ShouldBeNull();
        chain.Change("A1", "s1", RecordStatus.Suspended).ShouldBeNull();
        chain.Submit("A1", corrected).ShouldBeNull();
        chain.Status("A1", 1, old).ShouldBe(RecordStatus.Superseded);
        chain.Status("A1", 3, corrected).ShouldBe(RecordStatus.Suspended);
    }

    [Fact]
    public void A_status_needs_a_record() => chain.Change("A9", "s1", RecordStatus.Suspended).ShouldBe(RejectionCode.RecordUnknown);

    [Fact, Y4561("N-6.2.1-a")]
    public void Control_needs_an_operators_signature_under_exactly_this_event()
    {
        JsonObject data = new() { ["iss"] = RulesChain.Iss, ["reason"] = "inquiry" };
        var stream = EventTable.SourceStream(RulesChain.Iss);
        chain.Control(EventTable.SourceSuspended, stream, data, Keys.Generate(KeyPurpose.Operator)).ShouldBe(RejectionCode.AuthorizationSignature);
        var signed = chain.Signed(EventTable.SourceSuspended, stream, data, chain.Operators[0]);
        signed["reason"] = "another";
        chain.Append(EventTable.SourceSuspended, stream, chain.Genesis.Operators[0].Pseudonym, signed).ShouldBe(RejectionCode.AuthorizationSignature);
        chain.Append(EventTable.SourceSuspended, stream, chain.Genesis.Operators[1].Pseudonym, chain.Signed(EventTable.SourceSuspended, stream, data, chain.Operators[0]))
            .ShouldBe(RejectionCode.AuthorizationSignature);
        chain.Append(EventTable.SourceSuspended, stream, "host", (JsonObject)data.DeepClone()).ShouldBe(RejectionCode.AuthorizationMalformed);
        chain.State.Registry.Sources[RulesChain.Iss].State.ShouldBe(SourceState.Active);
    }

    [Fact]
    [Y4561("N-8.4-b")]
    [Y4561("D-7.2.3-b")]
    public void Two_persons_are_two_persons()
    {
        var two = RulesChain.WithSource((EventTable.SourceRetired, 2));
        JsonObject data = new() { ["iss"] = RulesChain.Iss, ["reason"] = "closed" };
        two.Control(EventTable.SourceRetired, EventTable.SourceStream(RulesChain.Iss), data).ShouldBe(RejectionCode.AuthorizationPersons);
        two.Control(EventTable.SourceRetired, EventTable.SourceStream(RulesChain.Iss), data, two.Operators[0], two.Operators[0]).ShouldBe(RejectionCode.AuthorizationSignature);
        two.Control(EventTable.SourceRetired, EventTable.SourceStream(RulesChain.Iss), data, two.Operators).ShouldBeNull();
    }

    [Fact]
    public void The_last_two_operators_cannot_be_locked_out()
    {
        var person = chain.Genesis.Operators[1];
        chain.Control(EventTable.KeyRevoked, EventTable.RoleStream(person.Pseudonym), new() { ["kid"] = person.Jwk.Kid, ["reason"] = "x" }).ShouldBe(RejectionCode.RoleWrong);
        chain.Control(EventTable.RoleUnbound, EventTable.RoleStream(person.Pseudonym), new() { ["pseudonym"] = person.Pseudonym, ["role"] = Role.Operator, ["reason"] = "x" })
            .ShouldBe(RejectionCode.RoleWrong);
    }

    [Fact]
    public void Data_too_deep_to_sign_is_rejected_and_stops_nobody()
    {
        JsonNode deep = new JsonObject();
        for (var i = 0; i < 60; i++)
        {
            deep = new JsonObject { ["x"] = deep };
        }
        var signature = new JsonObject { ["kid"] = chain.Operators[0].Public.Kid, ["jws"] = "x.y.z" };
        JsonObject data = new() { ["deep"] = deep, ["authorization"] = Authorization.Create("AAAAAAAAAAAAAAAAAAAAAA", RulesChain.Start.PlusMs(1000), [signature]) };
        chain.Append(EventTable.RoleBound, "role-x", "x", data).ShouldNotBeNull();
    }

    [Theory]
    [InlineData("""{"type":1}""")]
    [InlineData("""{"type":"webauthn.get","challenge":1}""")]
    [InlineData("[]")]
    public void A_hostile_assertion_is_rejected_and_stops_nobody(string client)
    {
        var passkey = Keys.Generate(KeyPurpose.Operator);
        const string pseudonym = "cGFzc2tleS1wZXJzb24tLQ";
        chain.Control(EventTable.RoleBound, EventTable.RoleStream(pseudonym),
            new() { ["pseudonym"] = pseudonym, ["role"] = Role.Operator, ["jwk"] = passkey.Public.ToJson(), ["kind"] = "passkey" }).ShouldBeNull();
        var authenticator = new byte[37];
        System.Security.Cryptography.SHA256.HashData("localhost"u8, authenticator);
        authenticator[32] = 5;
        var signature = new JsonObject
        {
            ["kid"] = passkey.Public.Kid, ["authenticatorData"] = B64.Encode(authenticator), ["clientDataJSON"] = B64.Encode(System.Text.Encoding.UTF8.GetBytes(client)),
            ["signature"] = "AAAA",
        };
        JsonObject data = new()
        {
            ["iss"] = RulesChain.Iss, ["reason"] = "x", ["authorization"] = Authorization.Create("AAAAAAAAAAAAAAAAAAAAAA", RulesChain.Start.PlusMs(1000), [signature]),
        };
        chain.Append(EventTable.SourceSuspended, EventTable.SourceStream(RulesChain.Iss), pseudonym, data).ShouldBe(RejectionCode.AuthorizationSignature);
    }

    [Fact]
    [Y4561("N-8.4-c")]
    public void A_passkey_assertion_over_the_command_is_a_signature()
    {
        var passkey = Keys.Generate(KeyPurpose.Operator);
        const string pseudonym = "cGFzc2tleS1wZXJzb24tLQ", nonce = "AAAAAAAAAAAAAAAAAAAAAA";
        chain.Control(EventTable.RoleBound, EventTable.RoleStream(pseudonym),
            new() { ["pseudonym"] = pseudonym, ["role"] = Role.Operator, ["jwk"] = passkey.Public.ToJson(), ["kind"] = "passkey" }).ShouldBeNull();
        var stream = EventTable.SourceStream(RulesChain.Iss);
        JsonObject data = new() { ["iss"] = RulesChain.Iss, ["reason"] = "inquiry" };
        var exp = RulesChain.Start.PlusMs(1000);
        var subject = Authorization.Subject(chain.Genesis.Chain, stream, EventTable.SourceSuspended, data, chain.VersionOf(stream), nonce, exp);
        JsonObject Assertion(byte flags)
        {
            var client = new JsonObject { ["type"] = "webauthn.get", ["challenge"] = B64.Encode(subject.ToArray()), ["origin"] = "http://localhost:8080" }.ToJsonString();
            byte[] authenticator = [.. System.Security.Cryptography.SHA256.HashData("localhost"u8), flags, 0, 0, 0, 1];
            using var ecdsa = System.Security.Cryptography.ECDsa.Create(passkey.Export());
            var signature = ecdsa.SignData([.. authenticator, .. System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(client))],
                System.Security.Cryptography.HashAlgorithmName.SHA256, System.Security.Cryptography.DSASignatureFormat.Rfc3279DerSequence);
            var whole = (JsonObject)data.DeepClone();
            whole["authorization"] = Authorization.Create(nonce, exp, [new JsonObject
            {
                ["kid"] = passkey.Public.Kid, ["authenticatorData"] = B64.Encode(authenticator),
                ["clientDataJSON"] = B64.Encode(System.Text.Encoding.UTF8.GetBytes(client)), ["signature"] = B64.Encode(signature),
            }]);
            return whole;
        }
        // Present but not verified is not consent.
        chain.Append(EventTable.SourceSuspended, stream, pseudonym, Assertion(1)).ShouldBe(RejectionCode.AuthorizationSignature);
        subject = Authorization.Subject(chain.Genesis.Chain, stream, EventTable.SourceSuspended, data, chain.VersionOf(stream), nonce, exp);
        chain.Append(EventTable.SourceSuspended, stream, pseudonym, Assertion(5)).ShouldBeNull();
    }

    [Fact]
    public void Disclosures_that_nest_without_end_are_refused()
    {
        JsonNode? inner = null;
        var disclosures = new List<string>();
        for (var i = 0; i < 200; i++)
        {
            var disclosure = SdJwt.Disclosure(new byte[16], $"n{i}", inner ?? "end");
            disclosures.Add(disclosure);
            inner = new JsonObject { ["_sd"] = new JsonArray(SdJwt.DigestOf(disclosure)) };
        }
        var payload = new JsonObject { ["iss"] = RulesChain.Iss, ["_sd"] = new JsonArray(SdJwt.DigestOf(disclosures[^1])) };
        SdJwt.TryParse($"{chain.Source.SignJws(SdJwt.Typ, Jcs.Bytes(payload))}~{string.Concat(disclosures.Select(d => d + "~"))}", out var record, out _).ShouldBeTrue();
        record!.Disclose(out var problem).ShouldBeNull();
        problem.ShouldNotBeNull().ShouldContain("deeper");
    }
}
