using System.Text.Json.Nodes;
using EventLedger.Client;
using EventLedger.Domain.Ledger;
using Shouldly;
using Xunit;

namespace EventLedger.Domain.Tests.Ledger;

public sealed class RoleEventsTests
{
    private const string Ann = "AAAAAAAAAAAAAAAAAAAAAQ", Audit = "supervision-audit-a1";

    private readonly RulesChain chain = RulesChain.WithSource();
    private readonly SigningKey supervisor = Keys.Generate(KeyPurpose.Operator);

    private static JsonObject Order => new() { ["id"] = "a1", ["range"] = new JsonObject { ["from"] = 1, ["to"] = 0 } };

    [Fact, Y4561("N-8.5-b")]
    public void A_supervisor_signs_on_streams_of_supervision_and_nowhere_else()
    {
        chain.Bind(Ann, supervisor, Role.Supervisor, new() { ["mandate"] = "Act on public data, section 7" }).ShouldBeNull();
        chain.ControlAs(Ann, EventTable.AuditOrdered, Audit, Order, supervisor).ShouldBeNull();
        JsonObject why = new() { ["iss"] = RulesChain.Iss, ["reason"] = "inquiry" };
        chain.ControlAs(Ann, EventTable.SourceSuspended, EventTable.SourceStream(RulesChain.Iss), why, supervisor).ShouldBe(RejectionCode.AuthorizationSignature);
        chain.Control(EventTable.AuditOrdered, Audit, Order).ShouldBe(RejectionCode.AuthorizationSignature);
        chain.ControlAs(Ann, EventTable.AuditOrdered, "findings", Order, supervisor).ShouldBe(RejectionCode.StreamWrong);
        chain.ControlAs(Ann, EventTable.AuditOrdered, "supervision-audit-other", Order, supervisor).ShouldBe(RejectionCode.StreamWrong);
    }

    [Fact]
    public void What_a_supervisor_writes_has_its_form()
    {
        chain.Bind(Ann, supervisor, Role.Supervisor).ShouldBeNull();
        JsonObject[] wrong = [new() { ["id"] = "a1" }, new() { ["id"] = "A 1", ["range"] = new JsonObject { ["from"] = 1, ["to"] = 2 } },
            new() { ["id"] = "a1", ["range"] = new JsonObject { ["from"] = 3, ["to"] = 2 } }, new() { ["id"] = "a1", ["range"] = Order["range"]!.DeepClone(), ["more"] = 1 }];
        foreach (var data in wrong)
        {
            chain.ControlAs(Ann, EventTable.AuditOrdered, Audit, data, supervisor).ShouldBe(RejectionCode.DataMalformed, data.ToJsonString());
        }
        var digest = new string('a', 64);
        (string Type, string Id, JsonObject Data)[] right =
        [
            (EventTable.AuditClosed, "a1", new() { ["digest"] = digest, ["outcome"] = "sound" }),
            (EventTable.FindingOpened, "f1", new() { ["kind"] = "late", ["text"] = "Nothing for a week.", ["about"] = new JsonObject { ["seq"] = 3 } }),
            (EventTable.FindingNoted, "f1", new() { ["text"] = "Asked." }),
            (EventTable.FindingClosed, "f1", new() { ["outcome"] = "explained" }),
            (EventTable.AlertRuleSet, "r1", new() { ["kind"] = "silence", ["threshold"] = 3600, ["target"] = RulesChain.Iss }),
            (EventTable.AlertRuleRemoved, "r1", new() { ["reason"] = "too many" }),
            (EventTable.AlertAcknowledged, "n1", new() { ["text"] = "seen" }),
            (EventTable.ReportSealed, "p1", new() { ["digest"] = digest, ["of"] = "a1" }),
        ];
        foreach (var (type, id, data) in right)
        {
            data["id"] = id;
            var stream = EventTable.StreamOf(type, id);
            stream.ShouldStartWith(EventTable.SupervisionPrefix);
            chain.ControlAs(Ann, type, stream, data, supervisor).ShouldBeNull(type);
        }
    }

    [Fact, Y4561("N-8.5-c")]
    public void Nobody_is_operator_and_supervisor()
    {
        chain.Bind(Ann, supervisor, Role.Supervisor).ShouldBeNull();
        chain.Bind(Ann, supervisor, Role.Operator).ShouldBe(RejectionCode.RoleConflict);
        var first = chain.Genesis.Operators[0];
        chain.Bind(first.Pseudonym, chain.Operators[0], Role.Supervisor).ShouldBe(RejectionCode.RoleConflict);
        chain.Bind(Ann, supervisor, Role.Registrar).ShouldBeNull();
    }

    [Fact, Y4561("N-8.4-a"), Y4561("N-8.5-a")]
    public void A_role_counts_in_its_period_and_says_for_whom_and_why()
    {
        chain.Bind(Ann, supervisor, Role.Supervisor, new() { ["organisation"] = "audit-office" }).ShouldBe(RejectionCode.OrganisationUnknown);
        chain.Organise("audit-office").ShouldBeNull();
        chain.Bind(Ann, supervisor, Role.Supervisor, new()
        {
            ["organisation"] = "audit-office", ["duties"] = "watches licences", ["mandate"] = "Act 7", ["scope"] = new JsonArray("licence"),
            ["notBefore"] = RulesChain.Start.PlusMs(-10).ToString(), ["notAfter"] = RulesChain.Start.PlusMs(8).ToString(),
        }).ShouldBeNull();
        var terms = chain.State.Registry.Terms[(Ann, Role.Supervisor)];
        (terms.Organisation, terms.Duties, terms.Mandate, terms.Scope!.Single()).ShouldBe(("audit-office", "watches licences", "Act 7", "licence"));
        chain.ControlAs(Ann, EventTable.AuditOrdered, Audit, Order, supervisor).ShouldBeNull();
        while (chain.State.Head.Time <= RulesChain.Start.PlusMs(8))
        {
            chain.Append(EventTable.FindingRaised, EventTable.FindingStream, "host", []).ShouldBeNull();
        }
        chain.ControlAs(Ann, EventTable.AuditOrdered, Audit, Order, supervisor).ShouldBe(RejectionCode.AuthorizationSignature);
    }

    [Fact]
    public void Two_operators_stay_for_good()
    {
        var first = chain.Genesis.Operators[0];
        JsonObject end = new() { ["notAfter"] = RulesChain.Start.PlusMs(1_000_000).ToString() };
        chain.Bind(first.Pseudonym, chain.Operators[0], Role.Operator, end).ShouldBe(RejectionCode.RoleWrong);
        chain.Bind(Ann, supervisor, Role.Operator).ShouldBeNull();
        chain.Bind(first.Pseudonym, chain.Operators[0], Role.Operator, end).ShouldBeNull();
    }
}
