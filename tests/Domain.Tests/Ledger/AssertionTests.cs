using System.Text.Json.Nodes;
using EventLedger.Client;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using Shouldly;
using Xunit;

namespace EventLedger.Domain.Tests.Ledger;

/// <summary>A registrar's word in a record and in a change of its status, in a format that asks for nothing of the kind.</summary>
public sealed class AssertionTests
{
    private const string Ann = "AAAAAAAAAAAAAAAAAAAAAQ", Ben = "AAAAAAAAAAAAAAAAAAAAAg", Eve = "AAAAAAAAAAAAAAAAAAAAAw", Nonce = "AAAAAAAAAAAAAAAAAAAAAA";

    private readonly RulesChain chain = RulesChain.WithSource();
    private int corrections;
    private readonly SigningKey ann = Keys.Generate(KeyPurpose.Operator), ben = Keys.Generate(KeyPurpose.Operator), eve = Keys.Generate(KeyPurpose.Operator);

    public AssertionTests()
    {
        chain.Organise("city").ShouldBeNull();
        chain.Organise("harbour").ShouldBeNull();
        chain.Control(EventTable.SourceProfiled, EventTable.SourceStream(RulesChain.Iss), new()
        {
            ["iss"] = RulesChain.Iss, ["profile"] = new JsonObject { ["assertion"] = false, ["quarantined"] = false, ["organisation"] = "city" },
        }).ShouldBeNull();
        chain.Bind(Ann, ann, Role.Registrar, new() { ["organisation"] = "city" }).ShouldBeNull();
        chain.Bind(Ben, ben, Role.Registrar, new() { ["organisation"] = "city", ["kind"] = "browser" }).ShouldBeNull();
        chain.Bind(Eve, eve, Role.Registrar, new() { ["organisation"] = "harbour" }).ShouldBeNull();
    }

    [Fact]
    public void A_registrar_of_the_sources_organisation_asserts_a_record_and_nobody_elses_does()
    {
        Submit("a1", ann).ShouldBeNull();
        Submit("a2", eve).ShouldBe(RejectionCode.AssertionMissing, "another organisation's");
        Submit("a3", chain.Operators[0]).ShouldBe(RejectionCode.AssertionMissing, "no registrar");
        Submit("a4", ann, eve).ShouldBe(RejectionCode.AssertionMissing, "one of two is another organisation's");
        Submit("a5", ann, ann).ShouldBe(RejectionCode.AssertionMissing, "one person twice");
        Submit("a6").ShouldBe(RejectionCode.AssertionMissing, "nobody");
        chain.Control(EventTable.RoleUnbound, EventTable.RoleStream(Ann), new() { ["pseudonym"] = Ann, ["role"] = Role.Registrar, ["reason"] = "left" }).ShouldBeNull();
        Submit("a7", ann).ShouldBe(RejectionCode.AssertionMissing, "a registrar no more");
    }

    [Fact]
    public void A_browsers_key_counts_beside_another_persons_and_not_alone()
    {
        Submit("b1", ben).ShouldBe(RejectionCode.AssertionMissing);
        Submit("b2", ben, ann).ShouldBeNull();
    }

    [Fact]
    public void An_assertion_is_over_this_payload_this_kind_of_event_and_a_day_at_most()
    {
        var other = Payload("c2");
        other["assertion"] = Asserted(Payload("c1"), EventTable.SubmissionAccepted, [ann])["assertion"]!.DeepClone();
        Seal("c2", other).ShouldBe(RejectionCode.AssertionMissing);
        Seal("c3", Asserted(Payload("c3"), EventTable.StatusChanged, [ann])).ShouldBe(RejectionCode.AssertionMissing);
        Seal("c4", Asserted(Payload("c4"), EventTable.SubmissionAccepted, [ann], RulesChain.Start.PlusMs(3 * Authorization.LifeMsMax))).ShouldBe(RejectionCode.AssertionMissing);
        var junk = Payload("c5");
        junk["assertion"] = "I say so";
        Seal("c5", junk).ShouldBe(RejectionCode.AssertionMissing);
        var bare = Payload("c6");
        Seal("c6", bare).ShouldBeNull("where the profile does not ask for it, a record does without");
    }

    [Fact]
    public void A_change_of_status_may_bear_one_and_it_must_hold()
    {
        Seal("d1", Payload("d1")).ShouldBeNull();
        Change("d1", "x1", eve).ShouldBe(RejectionCode.AssertionMissing);
        Change("d1", "x2", ann).ShouldBeNull();
    }

    [Fact]
    public void A_correction_takes_two_registrars_and_something_to_correct()
    {
        var cid = Keys.Generate(KeyPurpose.Operator);
        chain.Bind("AAAAAAAAAAAAAAAAAAAABA", cid, Role.Registrar, new() { ["organisation"] = "city" }).ShouldBeNull();
        Correct("f1", "first", ann, cid).ShouldBe(RejectionCode.RecordUnknown, "there is nothing yet");
        Seal("f1", Payload("f1")).ShouldBeNull();
        Correct("f1", "alone", ann).ShouldBe(RejectionCode.AssertionMissing, "one person");
        Correct("f1", "foreign", ann, eve).ShouldBe(RejectionCode.AssertionMissing, "the second is another organisation's");
        Correct("f1", "twice", ann, ann).ShouldBe(RejectionCode.AssertionMissing, "one person twice");
        Correct("f1", "nobody").ShouldBe(RejectionCode.AssertionMissing, "nobody");
        Correct("f1", "both", ann, cid).ShouldBeNull();
        Correct("f1", "browser", ben, ann).ShouldBeNull("a browser's key counts beside another's");
        Correct("f1", "empty", "", ann, cid).ShouldBe(RejectionCode.RecordMalformed);
        Correct("f1", "long", new string('x', Assertion.ReasonLengthMax + 1), ann, cid).ShouldBe(RejectionCode.RecordMalformed);
        Correct("f1", "number", 7, ann, cid).ShouldBe(RejectionCode.RecordMalformed);
    }

    [Fact]
    public void A_field_of_that_name_stays_a_field()
    {
        var format = RulesChain.Format;
        (format["id"], format["lifecycle"]) = ("claim", false);
        format["schema"]!["properties"]!["assertion"] = new JsonObject { ["type"] = "string" };
        format["classification"]!["assertion"] = "public";
        chain.Control(EventTable.FormatRegistered, "format-claim", new() { ["format"] = format.DeepClone() }).ShouldBeNull();
        var payload = Payload("e1");
        (payload["vct"], payload["assertion"]) = ("urn:eventledger:claim:1", "The claimant says so.");
        payload.Remove("status");
        Seal("e1", payload, "claim").ShouldBeNull();

        (format["id"], format["schema"]!["properties"]!["correction"]) = ("fix", new JsonObject { ["type"] = "string" });
        format["classification"]!["correction"] = "public";
        format["schema"]!["properties"]!.AsObject().Remove("assertion");
        format["classification"]!.AsObject().Remove("assertion");
        chain.Control(EventTable.FormatRegistered, "format-fix", new() { ["format"] = format.DeepClone() }).ShouldBeNull();
        payload = Payload("e2");
        (payload["vct"], payload["correction"]) = ("urn:eventledger:fix:1", "");
        payload.Remove("status");
        Seal("e2", payload, "fix").ShouldBeNull("it is a field like all, which one person may fill");
    }

    private string? Submit(string number, params SigningKey[] by) => Seal(number, Asserted(Payload(number), EventTable.SubmissionAccepted, by));

    private string? Correct(string number, string jti, params SigningKey[] by) => Correct(number, jti, "The holder's name was misspelt.", by);

    private string? Correct(string number, string jti, JsonNode reason, params SigningKey[] by)
    {
        var payload = Payload(number);
        (payload["jti"], payload["correction"]) = (jti, reason);
        payload["status"]!["status_list"]!["idx"] = 5000 + ++corrections;
        return Seal(number, Asserted(payload, EventTable.SubmissionAccepted, by));
    }

    private string? Seal(string number, JsonObject payload, string format = "licence") => chain.Append(EventTable.SubmissionAccepted, Stream(format, number), RulesChain.Iss,
        new() { ["record"] = SdJwt.Create(chain.Source, payload).TrimEnd('~') });

    private string? Change(string number, string jti, SigningKey by)
    {
        var payload = RecordRules.StatusChangePayload(RulesChain.Iss, chain.Genesis.Chain, jti, RulesChain.Start, "licence", new(number), RecordStatus.Suspended, null);
        return chain.Append(EventTable.StatusChanged, Stream("licence", number), RulesChain.Iss,
            new() { ["record"] = SdJwt.Create(chain.Source, Asserted(payload, EventTable.StatusChanged, [by])).TrimEnd('~') });
    }

    private JsonObject Payload(string number) => new()
    {
        ["iss"] = RulesChain.Iss, ["vct"] = "urn:eventledger:licence:1", ["ledger"] = chain.Genesis.Chain, ["jti"] = number, ["iat"] = RulesChain.Start.UnixMs / 1000,
        ["number"] = number, ["status"] = new JsonObject
        {
            ["status_list"] = new JsonObject { ["idx"] = number[0] * 10 + number[1], ["uri"] = $"http://localhost:8080{EventTable.StatusListPath(RulesChain.Iss, 0)}" },
        },
    };

    private JsonObject Asserted(JsonObject payload, string type, SigningKey[] by, LedgerTime? until = null)
    {
        var exp = until ?? RulesChain.Start.PlusMs(3_600_000);
        var subject = Assertion.Subject(chain.Genesis.Chain, RulesChain.Iss, type, payload, Nonce, exp);
        payload["assertion"] = Authorization.Create(Nonce, exp, by.Select(k => Authorization.Sign(k, subject)));
        return payload;
    }

    private static string Stream(string format, string number) =>
        RecordRules.StreamOf(RulesChain.Iss, format, System.Text.Json.JsonSerializer.SerializeToElement<string[]>([number]));
}
