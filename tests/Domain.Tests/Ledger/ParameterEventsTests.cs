using System.Text.Json.Nodes;
using EventLedger.Client;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using Shouldly;
using Xunit;

namespace EventLedger.Domain.Tests.Ledger;

public sealed class ParameterEventsTests
{
    private readonly RulesChain chain = RulesChain.WithSource();

    [Fact, Y4561("D-7.2.3-d")]
    public void A_parameter_holds_from_its_height_on_and_the_newest_word_counts()
    {
        var head = chain.State.Head.Height;
        Set("blockEntriesMax", 100, head + 5).ShouldBeNull();
        Set("blockEntriesMax", 50, head + 9).ShouldBeNull();
        int[] now = [.. Enumerable.Range(4, 7).Select(i => LedgerParameters.At(chain.State.Registry.Parameters, head + i).BlockEntriesMax)];
        now.ShouldBe([4096, 100, 100, 100, 100, 50, 50]);
        Set("blockEntriesMax", 70, head + 6).ShouldBeNull();
        LedgerParameters.At(chain.State.Registry.Parameters, head + 20).BlockEntriesMax.ShouldBe(70);
    }

    [Fact]
    public void What_is_sealed_is_not_changed_and_two_persons_sign_within_the_range()
    {
        Set("heartbeatSeconds", 30, chain.State.Head.Height + 1).ShouldBe(RejectionCode.HeightPast);
        Set("heartbeatSeconds", 30, chain.State.Head.Height + 2).ShouldBeNull();
        Set("heartbeatSeconds", 9, chain.State.Head.Height + 9).ShouldBe(RejectionCode.ParameterRange);
        Set("heartbeatSeconds", 601, chain.State.Head.Height + 9).ShouldBe(RejectionCode.ParameterRange);
        Set("blockColour", 1, chain.State.Head.Height + 9).ShouldBe(RejectionCode.ParameterRange);
        chain.Control(EventTable.ParameterSet, EventTable.ParameterStream, Data("roundTimeoutMs", 500, chain.State.Head.Height + 9)).ShouldBe(RejectionCode.AuthorizationPersons);
        LedgerParameters.At(chain.State.Registry.Parameters, long.MaxValue).ShouldBe(new LedgerParameters(4096, 30, 0));
    }

    [Fact]
    public void The_hosts_word_stays_on_its_streams_and_an_access_tells_nothing_in_the_open()
    {
        chain.Append(EventTable.AlertRaised, EventTable.AlertStream, "host", new() { ["rule"] = "r1" }).ShouldBeNull();
        chain.Append(EventTable.SecurityNoted, EventTable.SecurityStream, "host", new() { ["count"] = 3 }).ShouldBeNull();
        chain.Append(EventTable.DataShared, "circulation-1", "host", new() { ["record"] = "x" }).ShouldBeNull();
        chain.Append(EventTable.CaseOpened, "case-1", "host", new() { ["digest"] = "x" }).ShouldBeNull();
        chain.Append(EventTable.AlertRaised, EventTable.SourceStream(RulesChain.Iss), "host", []).ShouldBe(RejectionCode.StreamWrong);
        chain.Append(EventTable.DataAccessed, "access-", "host", []).ShouldBe(RejectionCode.StreamWrong);
        JsonObject hidden = new() { ["_sd"] = new JsonArray(B64.Encode(new byte[32])), ["sidecar"] = new string('a', 64) };
        chain.Append(EventTable.DataAccessed, "access-1", "host", hidden).ShouldBeNull();
        hidden["who"] = "Ann";
        chain.Append(EventTable.DataAccessed, "access-1", "host", (JsonObject)hidden.DeepClone()).ShouldBe(RejectionCode.DataMalformed);
        chain.Append(EventTable.DataAccessed, "access-1", "host", new() { ["_sd"] = new JsonArray("Ann"), ["sidecar"] = new string('a', 64) }).ShouldBe(RejectionCode.DataMalformed);
    }

    [Fact, Y4561("N-6.2.3-a"), Y4561("D-7.1.1-c")]
    public void A_format_with_metadata_has_it_and_nothing_is_captured_tomorrow()
    {
        var format = RulesChain.Format;
        (format["id"], format["metadata"]) = ("reading", new JsonObject { ["required"] = new JsonArray("captured", "device") });
        chain.Control(EventTable.FormatRegistered, "format-reading", new() { ["format"] = format.DeepClone() }).ShouldBeNull();
        string? Submit(string jti, int index, JsonObject more)
        {
            var record = new RecordSigner(chain.Source, RulesChain.Iss, chain.Genesis.Chain, new("http://localhost:8080"), format);
            var fields = new JsonObject { ["number"] = jti };
            foreach (var (name, value) in more)
            {
                fields[name] = value?.DeepClone();
            }
            return chain.Append(EventTable.SubmissionAccepted, RecordRules.StreamOf(RulesChain.Iss, "reading", System.Text.Json.JsonSerializer.SerializeToElement<string[]>([jti])),
                RulesChain.Iss, new() { ["record"] = record.Sign(fields, jti, RulesChain.Start, statusIndex: index).TrimEnd('~') });
        }
        Submit("m1", 1, new() { ["captured"] = RulesChain.Start.ToString() }).ShouldBe(RejectionCode.MetadataMissing);
        Submit("m2", 2, new() { ["captured"] = RulesChain.Start.PlusMs(86_400_000).ToString(), ["device"] = "d1" }).ShouldBe(RejectionCode.CapturedFuture);
        Submit("m3", 3, new() { ["captured"] = "noon", ["device"] = "d1" }).ShouldBe(RejectionCode.RecordMalformed);
        Submit("m4", 4, new() { ["captured"] = RulesChain.Start.ToString(), ["device"] = "d1", ["place"] = "the roof" }).ShouldBeNull();
        Submit("m5", 5, new() { ["captured"] = RulesChain.Start.ToString(), ["device"] = "d1", ["colour"] = "red" }).ShouldBe(RejectionCode.SchemaMismatch);
    }

    [Fact]
    public void Where_a_profile_asks_for_it_a_registrar_asserts_just_this_record()
    {
        const string ann = "AAAAAAAAAAAAAAAAAAAAAQ";
        var (registrar, format) = (Keys.Generate(KeyPurpose.Operator), RulesChain.Format);
        (format["id"], format["lifecycle"], format["metadata"]) = ("deed", false, new JsonObject { ["required"] = new JsonArray() });
        chain.Control(EventTable.FormatRegistered, "format-deed", new() { ["format"] = format.DeepClone() }).ShouldBeNull();
        chain.Bind(ann, registrar, Role.Registrar).ShouldBeNull();
        chain.Control(EventTable.SourceProfiled, EventTable.SourceStream(RulesChain.Iss), new()
        {
            ["iss"] = RulesChain.Iss, ["profile"] = new JsonObject { ["assertion"] = true, ["quarantined"] = false },
        }).ShouldBeNull();
        string? Submit(string number, JsonObject payload) => chain.Append(EventTable.SubmissionAccepted,
            RecordRules.StreamOf(RulesChain.Iss, "deed", System.Text.Json.JsonSerializer.SerializeToElement<string[]>([number])), RulesChain.Iss,
            new() { ["record"] = SdJwt.Create(chain.Source, payload).TrimEnd('~') });
        JsonObject Payload(string number) => new()
        {
            ["iss"] = RulesChain.Iss, ["vct"] = "urn:eventledger:deed:1", ["ledger"] = chain.Genesis.Chain, ["jti"] = number, ["iat"] = RulesChain.Start.UnixMs / 1000, ["number"] = number,
        };
        JsonObject Asserted(JsonObject payload, SigningKey by)
        {
            const string nonce = "AAAAAAAAAAAAAAAAAAAAAA";
            var exp = RulesChain.Start.PlusMs(3_600_000);
            payload["assertion"] = Authorization.Create(nonce, exp, Authorization.Sign(by, Assertion.Subject(chain.Genesis.Chain, RulesChain.Iss, EventTable.SubmissionAccepted, payload, nonce, exp)));
            return payload;
        }
        Submit("d1", Payload("d1")).ShouldBe(RejectionCode.AssertionMissing);
        Submit("d2", Asserted(Payload("d2"), chain.Operators[0])).ShouldBe(RejectionCode.AssertionMissing);
        var other = Payload("d3");
        other["assertion"] = Asserted(Payload("d4"), registrar)["assertion"]!.DeepClone();
        Submit("d3", other).ShouldBe(RejectionCode.AssertionMissing);
        Submit("d4", Asserted(Payload("d4"), registrar)).ShouldBeNull();
    }

    private static JsonObject Data(string name, long value, long height) => new() { ["name"] = name, ["value"] = value, ["effectiveHeight"] = height };

    private string? Set(string name, long value, long height) =>
        chain.Control(EventTable.ParameterSet, EventTable.ParameterStream, Data(name, value, height), chain.Operators);
}
