using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Host;
using EventLedger.Api.Tests.Support;
using EventLedger.Client;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using EventLedger.Tests.Shared;
using Xunit;

namespace EventLedger.Api.Tests.O2C;

/// <summary>Acts of control from the wish to the seal, over HTTP; one ledger for all, for the objects do not touch each other.</summary>
public sealed class RequestTests(PostgresFixture postgres) : IAsyncLifetime
{
    private TestLedger ledger = null!;
    private LedgerClient one = null!;

    public async ValueTask InitializeAsync()
    {
        ledger = await TestLedger.Start(await postgres.Cluster.CreateDatabase());
        one = new(new HttpClient { BaseAddress = ledger.Http.BaseAddress });
        await one.SignIn(ledger.Operators[0], "o2c");
    }

    public ValueTask DisposeAsync() => ledger.DisposeAsync();

    [Fact, Y4561("N-8.4-f"), Y4561("D-8.8-1"), Y4561("D-7.1.4-a")]
    public async Task A_dry_run_says_what_an_act_would_do_and_does_nothing()
    {
        var agency = await Agency.Register(ledger);
        var wish = Wish("suspend", "source", new() { ["iss"] = agency.Iss }, "Prüfung nach § 7");
        var look = await one.Draft(wish, dryRun: true);
        ((string)look["event"]!, (string)look["point"]!, (int)look["persons"]!).ShouldBe((EventTable.SourceSuspended, "C2R", 1));
        var change = look["diff"]!.AsArray().ShouldHaveSingleItem()!;
        ((string)change["kind"]!, (string)change["before"]!["state"]!, (string)change["after"]!["state"]!).ShouldBe(("sources", "active", "suspended"));
        ((string)look["forecast"]!).ShouldContain("submits nothing");
        (await Drafts()).ShouldBeEmpty();
        (await agency.Submit(agency.Licence("D-1"))).Status.ShouldBe(202);
        // What the rules refuse is refused in a dry run too, with the code that validators would give.
        (await Refused(() => one.Draft(Wish("reinstate", "source", new() { ["iss"] = agency.Iss }, "x"), dryRun: true))).ShouldBe(RejectionCode.SourceInactive);
        (await Refused(() => one.Draft(Wish("levitate", "source", []), dryRun: true))).ShouldBe("operation-unknown");
        (await Refused(() => one.Draft(Wish("suspend", "source", []), dryRun: true))).ShouldBe(RejectionCode.DataMalformed);
        wish["expectedVersion"] = 77;
        (await Refused(() => one.Draft(wish))).ShouldBe("version-conflict");
    }

    [Fact, Y4561("N-8.4-b"), Y4561("D-7.2.3-b"), Y4561("D-8.8-2"), Y4561("D-8.8-3"), Y4561("D-8.8-4"), Y4561("D-7.3.7")]
    public async Task A_second_person_signs_on_another_machine_and_then_it_is_in_force_at_once()
    {
        var (pseudonym, key) = ("AAAAAAAAAAAAAAAAAAAAAQ", TestLedger.NewKey(KeyPurpose.Operator));
        var draft = await one.Draft(Wish("bind", "role", new() { ["jwk"] = key.Public.ToJson(), ["kind"] = "cli", ["pseudonym"] = pseudonym, ["role"] = Role.Registrar, ["duties"] = "Zürich" }));
        var waits = await one.SignDraft(draft, ledger.Operators[0]);
        ((string)waits["state"]!, waits["signed"]!.AsArray().Count, waits["seq"]).ShouldBe(("waiting", 1, null));
        (await Refused(() => one.SignDraft(draft, ledger.Operators[0]))).ShouldBe("signature-known");
        (await Refused(() => one.SignDraft(draft, key))).ShouldBe(RejectionCode.AuthorizationSignature);
        ledger.Get<HostState>().Registry.HasRole(pseudonym, Role.Registrar).ShouldBeFalse();

        // Another machine knows nothing but the draft's id.
        var other = new LedgerClient(new HttpClient { BaseAddress = ledger.Http.BaseAddress });
        var read = await other.Get($"/o2c/v1/requests/{draft["id"]}");
        var done = await other.SignDraft(read, ledger.Operators[1]);
        ledger.Get<HostState>().Registry.HasRole(pseudonym, Role.Registrar).ShouldBeTrue();
        var seq = (long)done["seq"]!;
        await ledger.Sealed(seq);
        ((string)(await other.Get($"/o2c/v1/requests/{draft["id"]}"))["state"]!).ShouldBe("sealed");
        (await ledger.Get<IEventStore>().Rejections(seq, seq, default)).ShouldBeEmpty();
        (await Refused(() => other.SignDraft(read, ledger.Operators[1]))).ShouldBe("request-closed");
        var person = (await other.Get("/o2c/v1/operators"))["operators"]!.AsArray().Single(o => (string)o!["id"]! == pseudonym)!;
        person["state"]!["roles"]![0]!.ToJsonString().ShouldBe("""{"role":"registrar","duties":"Z\u00FCrich"}""");
    }

    [Fact, Y4561("D-8.8-x")]
    public async Task A_request_about_a_source_goes_to_representation_and_stops_it_until_it_is_let_in_again()
    {
        var agency = await Agency.Register(ledger);
        foreach (var (operation, status) in new[] { ("suspend", 403), ("reinstate", 202) })
        {
            var draft = await one.Draft(Wish(operation, "source", new() { ["iss"] = agency.Iss }, "a look at its books"));
            ((string)draft["point"]!).ShouldBe("C2R");
            for (var n = 0; n < (int)draft["persons"]!; n++)
            {
                draft = await one.SignDraft(draft, ledger.Operators[n]);
            }
            await ledger.Sealed((long)draft["seq"]!);
            (await agency.Submit(agency.Licence($"C2R-{operation}"))).Status.ShouldBe(status);
        }
    }

    [Fact, Y4561("N-8.4-e"), Y4561("N-8.4-d"), Y4561("D-7.1.4-c")]
    public async Task Organisations_services_and_grants_are_set_seen_at_once_told_of_and_carried_over()
    {
        await Agency.Register(ledger);
        await Do("register", "organisation", new() { ["id"] = "city", ["name"] = "The City" });
        await Do("set", "service", new() { ["id"] = "query", ["title"] = "Query", ["enabled"] = true, ["profiles"] = new JsonArray("json") });
        await Do("change", "organisation", new() { ["id"] = "city", ["name"] = "City of Example", ["contact"] = "office@city.example" });
        var grant = new JsonObject { ["id"] = "g1", ["party"] = "city", ["dataset"] = "licence", ["fields"] = new JsonArray("holder"), ["purpose"] = "planning", ["notAfter"] = "2030-01-01T00:00:00.000Z" };
        ((string)(await one.Draft(Wish("issue", "grant", grant), dryRun: true))["forecast"]!).ShouldBe("city gains holder of licence for planning until 2030-01-01T00:00:00.000Z.");
        await Do("issue", "grant", grant);
        ((string)(await one.Draft(Wish("revoke", "grant", new() { ["id"] = "g1" }, "over"), dryRun: true))["forecast"]!).ShouldBe("city loses holder of licence for planning.");
        ((bool)(await one.Get("/o2c/v1/grants/g1"))["state"]!["revoked"]!).ShouldBeFalse();

        var history = (await one.Get("/o2c/v1/organisations/city/history"))["events"]!.AsArray();
        history.Select(e => (string)e!["type"]!).ShouldBe([EventTable.OrganisationRegistered, EventTable.OrganisationChanged]);
        // Forward to what it was, as an act of its own.
        var (status, back) = await Send(HttpMethod.Post, "/o2c/v1/organisations/city/roll-forward", new() { ["seq"] = history[0]!["seq"]!.DeepClone() });
        status.ShouldBe(201, back.ToString());
        await one.SignDraft((JsonObject)JsonNode.Parse(back.GetRawText())!, ledger.Operators[0]);
        ((string)(await one.Get("/o2c/v1/organisations/city"))["state"]!["name"]!).ShouldBe("The City");

        var file = await one.Get("/o2c/v1/configuration");
        (await one.BringTo(file, dryRun: true))["changes"]!.AsArray().ShouldBeEmpty();
        file["requests"]!.AsArray().Single(r => (string)r!["type"]! == "service")!["parameters"]!["enabled"] = false;
        var change = (await one.BringTo(file))["changes"]!.AsArray().ShouldHaveSingleItem()!;
        ((bool)change["before"]!["enabled"]!, (bool)change["after"]!["enabled"]!).ShouldBe((true, false));
        await one.SignDraft(await one.Get($"/o2c/v1/requests/{change["draft"]}"), ledger.Operators[0]);
        ((bool)(await one.Get("/o2c/v1/services/query"))["state"]!["enabled"]!).ShouldBeFalse();
    }

    [Fact, Y4561("N-8.1-h"), Y4561("D-7.3.8"), Y4561("D-7.3.5-c"), Y4561("D-8.8-2'"), Y4561("D-8.8-3'"), Y4561("D-8.8-4'")]
    public async Task A_parameter_holds_from_its_height_on_for_host_and_validators()
    {
        var agency = await Agency.Register(ledger);
        var head = ledger.Get<LedgerHead>();
        await Quiet(agency);
        var at = head.Header.Height + 4;
        var draft = await one.Draft(Wish("set", "parameter", new() { ["name"] = LedgerParameters.BlockEntries, ["value"] = 2, ["effectiveHeight"] = at }, "small blocks"));
        ((string)draft["point"]!, (int)draft["persons"]!).ShouldBe(("C2P", 2));
        await one.SignDraft(draft, ledger.Operators[0]);
        var done = await one.SignDraft(draft, ledger.Operators[1]);
        await ledger.Sealed((long)done["seq"]!);
        while (head.Header.Height < at)
        {
            await Quiet(agency);
        }
        // Nine at once: from now on no block may hold more than two.
        var lines = string.Join('\n', Enumerable.Range(0, 9).Select(i => agency.Licence($"P-{i}")));
        using var content = new StringContent(lines, System.Text.Encoding.ASCII, LedgerClient.LinesType);
        (await ledger.Http.PostAsync("/r2d/v1/submissions/bulk", content)).EnsureSuccessStatusCode();
        var last = (await ledger.Get<IEventStore>().Head(default)).Seq;
        await ledger.Sealed(last);
        for (var height = at + 1; height <= head.Header.Height; height++)
        {
            BlockHeader.TryParse(JsonDocument.Parse((await ledger.Get<IEventStore>().Block(height, default))!.Header).RootElement, out var header).ShouldBeTrue();
            header!.Count.ShouldBeLessThanOrEqualTo(2);
        }
        (await ledger.Get<IEventStore>().Rejections(1, last, default)).ShouldBeEmpty();
        var acks = await one.Get($"/o2c/v1/requests/{draft["id"]}/acks");
        ((long)acks["effectiveHeight"]!, (int)acks["of"]!).ShouldBe((at, 4));
        ((int)acks["acknowledged"]!).ShouldBeGreaterThanOrEqualTo(3);
        (await Refused(() => one.Draft(Wish("set", "parameter", new() { ["name"] = LedgerParameters.BlockEntries, ["value"] = 2, ["effectiveHeight"] = 1 }, "late")))).ShouldBe(RejectionCode.HeightPast);
    }

    private static JsonObject Wish(string operation, string type, JsonObject parameters, string? reason = null)
    {
        var wish = new JsonObject { ["operation"] = operation, ["type"] = type, ["parameters"] = parameters };
        if (reason is not null)
        {
            wish["reason"] = reason;
        }
        return wish;
    }

    private async Task<JsonArray> Drafts() => (await one.Get("/o2c/v1/requests"))["requests"]!.AsArray();

    private async Task Do(string operation, string type, JsonObject parameters)
    {
        var done = await one.SignDraft(await one.Draft(Wish(operation, type, (JsonObject)parameters.DeepClone())), ledger.Operators[0]);
        done["seq"].ShouldNotBeNull(done.ToJsonString());
    }

    // One record, sealed: one block more.
    private async Task Quiet(Agency agency)
    {
        var (status, body) = await agency.Submit(agency.Licence($"Q-{Guid.NewGuid():n}"));
        status.ShouldBe(202, body.ToString());
        await ledger.Sealed(body.GetProperty("seq").GetInt64());
    }

    private async Task<(int Status, JsonElement Body)> Send(HttpMethod method, string path, JsonObject body) =>
        await ledger.Send(method, path, await TokenFor.Person(ledger, ledger.Operators[0], "o2c"), body);

    private static async Task<string> Refused(Func<Task<JsonObject>> act) => (await act.ShouldThrowAsync<LedgerProblemException>()).Code;
}
