using System.Text.Json.Nodes;
using EventLedger.Domain.Ledger;
using Shouldly;
using Xunit;

namespace EventLedger.Domain.Tests.Ledger;

public sealed class DirectoryEventsTests
{
    private readonly RulesChain chain = RulesChain.WithSource();

    [Fact]
    public void A_node_lies_below_a_wider_one_and_is_removed_when_empty()
    {
        Set("culture", "sector").ShouldBeNull();
        Set("works", "dataset", "nowhere").ShouldBe(RejectionCode.DirectoryUnknown);
        Set("works", "dataset", "culture").ShouldBeNull();
        Set("registry", "service", "works").ShouldBe(RejectionCode.DirectoryKind);
        Set("works", "field", "culture").ShouldBe(RejectionCode.DirectoryKind);
        Set("thing", "planet").ShouldBe(RejectionCode.DataMalformed);
        Remove("culture").ShouldBe(RejectionCode.DirectoryUsed);
        Remove("works").ShouldBeNull();
        Remove("works").ShouldBe(RejectionCode.DirectoryUnknown);
    }

    [Fact, Y4561("N-6.2.6-d")]
    public void Ownership_changes_when_giver_and_taker_have_signed_just_this_transfer()
    {
        chain.Organise("city").ShouldBeNull();
        chain.Organise("state").ShouldBeNull();
        var stream = EventTable.SourceStream(RulesChain.Iss);
        JsonObject profile = new()
        {
            ["iss"] = RulesChain.Iss, ["profile"] = new JsonObject { ["assertion"] = false, ["quarantined"] = false, ["organisation"] = "city" },
        };
        chain.Control(EventTable.SourceProfiled, stream, profile).ShouldBeNull();
        var (state, uri) = (Client.Keys.Generate(KeyPurpose.Client), "https://state.example");
        chain.Control(EventTable.ApplicationApproved, EventTable.ApplicationStream(uri), new()
        {
            ["request"] = ApplicationRequest.Create(state, uri, "State", "state", chain.Genesis.Chain, RulesChain.Start), ["scopes"] = new JsonArray(),
        }).ShouldBeNull();
        Set("works", "dataset", owner: "city").ShouldBeNull();
        Set("works", "dataset", owner: "state").ShouldBe(RejectionCode.OwnerWrong);
        var transfer = new Transfer(chain.Genesis.Chain, "works", "city", "state", chain.VersionOf("directory-works"));
        Move(transfer, transfer.Sign(state), transfer.Sign(state)).ShouldBe(RejectionCode.OwnerWrong);
        transfer = transfer with { ExpectedVersion = chain.VersionOf("directory-works") };
        var (given, taken) = (transfer.Sign(chain.Source), transfer.Sign(state));
        Move(transfer, given, taken).ShouldBeNull();
        chain.State.Registry.Directory["works"].Owner.ShouldBe("state");
        // Back again, and then the old signatures serve no second time.
        var back = new Transfer(chain.Genesis.Chain, "works", "state", "city", chain.VersionOf("directory-works"));
        Move(back, back.Sign(state), back.Sign(chain.Source)).ShouldBeNull();
        Move(transfer, given, taken).ShouldBe(RejectionCode.OwnerWrong);
    }

    [Fact]
    public void A_grant_names_a_known_party_and_data_set_and_is_taken_back_once()
    {
        JsonObject Grant(string party, string dataset) => new()
        {
            ["id"] = "g1", ["party"] = party, ["dataset"] = dataset, ["fields"] = new JsonArray("holder"), ["purpose"] = "planning", ["notAfter"] = "2027-01-01T00:00:00.000Z",
        };
        chain.Control(EventTable.GrantIssued, "grant-g1", Grant("city", "licence")).ShouldBe(RejectionCode.OrganisationUnknown);
        chain.Organise("city").ShouldBeNull();
        chain.Control(EventTable.GrantIssued, "grant-g1", Grant("city", "nothing")).ShouldBe(RejectionCode.DirectoryUnknown);
        chain.Control(EventTable.GrantIssued, "grant-g1", Grant("city", "licence")).ShouldBeNull();
        chain.Control(EventTable.GrantIssued, "grant-g1", Grant("city", "licence")).ShouldBe(RejectionCode.GrantKnown);
        JsonObject end = new() { ["id"] = "g1", ["reason"] = "over" };
        chain.Control(EventTable.GrantRevoked, "grant-g1", end).ShouldBeNull();
        chain.Control(EventTable.GrantRevoked, "grant-g1", end).ShouldBe(RejectionCode.GrantUnknown);
        chain.State.Registry.Grants["g1"].Revoked.ShouldBeTrue();
    }

    [Fact]
    public void A_quota_is_of_a_known_service_and_organisation()
    {
        JsonObject quota = new() { ["id"] = "query", ["party"] = "city", ["requests"] = 100, ["windowSeconds"] = 60 };
        chain.Control(EventTable.QuotaSet, "service-query", quota).ShouldBe(RejectionCode.ServiceUnknown);
        chain.Control(EventTable.ServiceSet, "service-query", new()
        {
            ["id"] = "query", ["title"] = "Query", ["enabled"] = true, ["profiles"] = new JsonArray("json"), ["quota"] = new JsonObject { ["requests"] = 10, ["windowSeconds"] = 1 },
        }).ShouldBeNull();
        chain.Control(EventTable.QuotaSet, "service-query", quota).ShouldBe(RejectionCode.OrganisationUnknown);
        chain.Organise("city").ShouldBeNull();
        chain.Control(EventTable.QuotaSet, "service-query", quota).ShouldBeNull();
        (chain.State.Registry.Services["query"].Quota, chain.State.Registry.Quotas[("query", "city")]).ShouldBe((new Quota(10, 1), new Quota(100, 60)));
    }

    private string? Set(string id, string kind, string? parent = null, string? owner = null)
    {
        var data = new JsonObject { ["id"] = id, ["kind"] = kind, ["title"] = $"About {id}" };
        foreach (var (name, value) in new[] { ("parent", parent), ("owner", owner) }.Where(m => m.Item2 is not null))
        {
            data[name] = value;
        }
        return chain.Control(EventTable.DirectorySet, $"directory-{id}", data);
    }

    private string? Remove(string id) => chain.Control(EventTable.DirectoryRemoved, $"directory-{id}", new() { ["id"] = id, ["reason"] = "gone" });

    private string? Move(Transfer t, params string[] consents) => chain.Control(EventTable.OwnershipTransferred, $"directory-{t.Node}", new()
    {
        ["id"] = t.Node, ["from"] = t.From, ["to"] = t.To, ["consents"] = new JsonArray([.. consents.Select(c => JsonValue.Create(c))]),
    });
}
