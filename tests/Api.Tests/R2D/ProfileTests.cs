using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Host;
using EventLedger.Api.Tests.Support;
using EventLedger.Domain.Ledger;
using EventLedger.Tests.Shared;
using Xunit;

namespace EventLedger.Api.Tests.R2D;

/// <summary>What is known of a source beside its key, what its records say of how they came to be, and what a block applied.</summary>
public sealed class ProfileTests(PostgresFixture postgres) : IAsyncLifetime
{
    private TestLedger ledger = null!;
    private Agency agency = null!;

    private static string Stream => EventTable.SourceStream("https://agency.example");

    public async ValueTask InitializeAsync()
    {
        ledger = await TestLedger.Start(await postgres.Cluster.CreateDatabase());
        agency = await Agency.Register(ledger);
    }

    public ValueTask DisposeAsync() => ledger.DisposeAsync();

    [Fact, Y4561("N-8.1-a"), Y4561("N-8.1-b"), Y4561("D-7.1.4-b"), Y4561("D-7.3.9")]
    public async Task A_source_is_bound_to_its_key_and_organisation_and_the_history_tells_how()
    {
        await Control(EventTable.OrganisationRegistered, "organisation-city", 0, new() { ["id"] = "city", ["name"] = "The City" });
        await Control(EventTable.SourceProfiled, Stream, 2, new()
        {
            ["iss"] = agency.Iss, ["profile"] = new JsonObject { ["organisation"] = "city", ["contact"] = "desk@city.example", ["ratePerMinute"] = 60, ["quarantined"] = false, ["assertion"] = false },
        });
        var source = await Get($"/r2d/v1/sources/{Stream["source-".Length..]}");
        source.GetProperty("organisation").GetString().ShouldBe("The City");
        source.GetProperty("profile").GetProperty("contact").GetString().ShouldBe("desk@city.example");
        source.GetProperty("keys")[0].GetProperty("kid").GetString().ShouldBe(agency.Key.Public.Kid);
        // A key replaces another; both bindings stay to be read.
        var renewed = TestLedger.NewKey(KeyPurpose.Record);
        await Control(EventTable.KeyAdded, Stream, 3, new() { ["request"] = SourceRequest.Create(renewed, agency.Iss, "The agency", ledger.Genesis.Chain, Agency.Now) });
        await Control(EventTable.KeyRevoked, Stream, 4, new() { ["kid"] = agency.Key.Public.Kid, ["reason"] = "rotation" });
        (await agency.Submit(agency.Licence("N-1", key: renewed))).Status.ShouldBe(202);
        (await agency.Submit(agency.Licence("N-2"))).Status.ShouldBe(403);
        var history = await Get($"/o2c/v1/sources/{Stream["source-".Length..]}/history");
        history.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("type").GetString())
            .ShouldBe([EventTable.SourceRequested, EventTable.SourceApproved, EventTable.SourceProfiled, EventTable.KeyAdded, EventTable.KeyRevoked]);
    }

    [Fact, Y4561("D-7.2.1-c"), Y4561("D-7.3.4-c")]
    public async Task A_suspended_source_is_denied_and_told_whom_to_ask_and_the_attempt_is_counted_on_the_ledger()
    {
        await Control(EventTable.SourceSuspended, Stream, 2, new() { ["iss"] = agency.Iss, ["reason"] = "inquiry" });
        var (status, body) = await agency.Submit(agency.Licence("S-1"));
        (status, body.GetProperty("type").GetString()).ShouldBe((403, "/problems/source-inactive"));
        body.GetProperty("contact").GetString().ShouldNotBeNullOrEmpty();
        await Control(EventTable.SourceReinstated, Stream, 3, new() { ["iss"] = agency.Iss, ["reason"] = "cleared" });
        (await agency.Submit(agency.Licence("S-1"))).Status.ShouldBe(202);
        var noted = ledger.Get<EventLedger.Api.Identity.SecurityNotes>().Take();
        noted.ShouldContain(("submission-refused", 1L));
    }

    [Fact, Y4561("N-6.2.3-a"), Y4561("N-8.1-f"), Y4561("N-8.1-g"), Y4561("D-7.1.1-b"), Y4561("D-8.6-4")]
    public async Task A_record_has_its_three_times_and_its_block_tells_what_applied()
    {
        await Control(EventTable.FormatRegistered, "format-reading", 0, new() { ["format"] = Reading(1) });
        var (status, refused) = await agency.Submit(Record("R-1", []));
        (status, refused.GetProperty("type").GetString()).ShouldBe((400, "/problems/metadata-missing"));
        var (_, taken) = await agency.Submit(Record("R-1", new() { ["captured"] = "2025-12-31T23:00:00.000Z", ["device"] = "gauge 7" }));
        var seq = taken.GetProperty("seq").GetInt64();
        await ledger.Sealed(seq);
        var stands = await Get($"/r2d/v1/submissions/{seq}");
        var times = stands.GetProperty("times");
        times.GetProperty("captured").GetString().ShouldBe("2025-12-31T23:00:00.000Z");
        var height = stands.GetProperty("height").GetInt64();
        var block = await Get($"/ledger/v1/blocks/{height}");
        times.GetProperty("sealed").GetString().ShouldBe(block.GetProperty("header").GetProperty("time").GetString());
        string.CompareOrdinal(times.GetProperty("received").GetString(), times.GetProperty("sealed").GetString()).ShouldBeLessThanOrEqualTo(0);
        block.GetProperty("formats").EnumerateArray().Select(f => f.GetProperty("vct").GetString()).ShouldContain("urn:eventledger:reading:1");
        block.GetProperty("parameters").GetProperty("blockEntriesMax").GetInt32().ShouldBe(4096);
        block.GetProperty("header").GetProperty("validators").GetString().ShouldBe(ledger.Genesis.Set.Hash.ToString());
    }

    [Fact, Y4561("D-7.1.1-a"), Y4561("D-7.3.4-b")]
    public async Task Two_versions_of_a_format_are_compared_and_an_upcast_closes_the_gap()
    {
        await Control(EventTable.FormatRegistered, "format-reading", 0, new() { ["format"] = Reading(1) });
        var second = Reading(2);
        var properties = second["schema"]!["properties"]!.AsObject();
        properties.Remove("level");
        (properties["height"], properties["unit"]) = (new JsonObject { ["type"] = "string" }, new JsonObject { ["type"] = "string" });
        second["schema"]!["required"] = new JsonArray("number", "unit");
        second["classification"] = new JsonObject { ["number"] = "public", ["height"] = "public", ["unit"] = "public" };
        await Control(EventTable.FormatRegistered, "format-reading", 1, new() { ["format"] = second.DeepClone() });
        var gap = await Get("/r2d/v1/formats/reading/compatibility?from=1&to=2");
        gap.GetProperty("compatible").GetBoolean().ShouldBeFalse();
        gap.GetProperty("findings").EnumerateArray().Select(f => $"{f.GetProperty("field")} {f.GetProperty("code")}").ShouldBe(["level field-removed", "unit field-required"]);
        (second["version"], second["upcast"]) = (3, new JsonObject { ["from"] = 1, ["rename"] = new JsonObject { ["level"] = "height" }, ["defaults"] = new JsonObject { ["unit"] = "m" } });
        await Control(EventTable.FormatRegistered, "format-reading", 2, new() { ["format"] = second });
        (await Get("/r2d/v1/formats/reading/compatibility?from=1&to=3")).GetProperty("compatible").GetBoolean().ShouldBeTrue();
        var upcast = ledger.Get<HostState>().Registry.Formats["urn:eventledger:reading:3"].Format.Upcast.ShouldNotBeNull();
        upcast.Apply(new() { ["number"] = "1", ["level"] = "2" }).ToJsonString().ShouldBe("""{"number":"1","height":"2","unit":"m"}""");
    }

    private static JsonObject Reading(int version) => new()
    {
        ["id"] = "reading", ["version"] = version, ["title"] = "Reading", ["key"] = new JsonArray("number"), ["lifecycle"] = false,
        ["metadata"] = new JsonObject { ["required"] = new JsonArray("captured") },
        ["classification"] = new JsonObject { ["number"] = "public", ["level"] = "public" },
        ["schema"] = new JsonObject
        {
            ["type"] = "object", ["additionalProperties"] = false, ["required"] = new JsonArray("number"),
            ["properties"] = new JsonObject { ["number"] = new JsonObject { ["type"] = "string" }, ["level"] = new JsonObject { ["type"] = "string" } },
        },
    };

    private string Record(string number, JsonObject more)
    {
        var payload = new JsonObject
        {
            ["iss"] = agency.Iss, ["vct"] = "urn:eventledger:reading:1", ["ledger"] = ledger.Genesis.Chain, ["jti"] = $"{number}-{more.Count}", ["iat"] = Agency.Now.UnixMs / 1000, ["number"] = number,
        };
        foreach (var (name, value) in more)
        {
            payload[name] = value?.DeepClone();
        }
        return SdJwt.Create(agency.Key, payload);
    }

    private async Task Control(string type, string stream, long expectedVersion, JsonObject data)
    {
        var (status, body) = await agency.Control(type, stream, expectedVersion, data);
        status.ShouldBe(202, body.ToString());
    }

    private async Task<JsonElement> Get(string path) => (await Agency.Read(await ledger.Http.GetAsync(path))).Body;
}
