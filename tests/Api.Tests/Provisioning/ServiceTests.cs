using System.Text;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using Xunit;

namespace EventLedger.Api.Tests.Provisioning;

/// <summary>What data users are offered beside queries: the directory, services, cases, saved questions, and where records go.</summary>
public sealed class ServiceTests(TwoAgencies agencies) : IClassFixture<TwoAgencies>
{
    [Fact]
    [Y4561("N-6.2.6-e")]
    [Y4561("N-6.2.5-a")]
    public async Task The_directory_says_whose_data_is_and_how_it_may_be_used_and_a_grant_on_a_sector_reaches_its_data_sets()
    {
        var reader = await agencies.Application("courts");
        await agencies.Control(EventTable.DirectorySet, "directory-economy", new() { ["id"] = "economy", ["kind"] = "sector", ["title"] = "Economy", ["owner"] = "courts" });
        await agencies.Control(EventTable.DirectorySet, "directory-permits", new()
        {
            ["id"] = "permits", ["kind"] = "dataset", ["parent"] = "economy", ["title"] = "Permits", ["format"] = "permit",
            ["right"] = JsonNode.Parse("""{"permission":[{"action":"use","constraint":[{"leftOperand":"purpose","operator":"eq","rightOperand":"ruling"}]}]}"""),
        });

        var tree = await agencies.Get("/u2s/v1/directory");
        tree.GetProperty("total").GetInt32().ShouldBe(2);
        var permits = tree.GetProperty("items")[0].GetProperty("children")[0];
        permits.GetProperty("owner").GetProperty("contact").GetString().ShouldBe("desk@courts.example");
        permits.GetProperty("right").GetProperty("permission")[0].GetProperty("action").GetString().ShouldBe("use");
        permits.GetProperty("children").EnumerateArray().Select(f => $"{f.GetProperty("id")} {f.GetProperty("class")}").ShouldContain("holder personal");
        var turtle = await agencies.Text(HttpMethod.Get, "/u2s/v1/directory.ttl", "text/turtle");
        turtle.ShouldContain("odrl:hasPolicy");
        (await agencies.Text(HttpMethod.Get, "/u2s/v1/directory.jsonld", "application/ld+json")).ShouldContain("\"dcat:Dataset\"");

        var id = await agencies.Put("permit", new() { ["number"] = "D-1", ["kind"] = "x" }, "Fay Holder");
        await agencies.Settled();
        var path = $"/u2s/v1/records/{id}/disclosed?fields=holder&purpose=ruling";
        (await agencies.Send(HttpMethod.Get, path, reader, null, 403)).GetProperty("detail").GetString()!.ShouldContain("desk@courts.example");
        await agencies.Control(EventTable.GrantIssued, "grant-g-sector", new()
        {
            ["id"] = "g-sector", ["party"] = "courts", ["dataset"] = "economy", ["fields"] = new JsonArray("*"), ["purpose"] = "ruling", ["notAfter"] = Support.Agency.Now.PlusMs(3_600_000).ToString(),
        });
        var read = await agencies.Send(HttpMethod.Get, path, reader);
        read.GetProperty("fields").GetProperty("holder").GetString().ShouldBe("Fay Holder");
        read.GetProperty("grants")[0].GetString().ShouldBe("g-sector");
    }

    [Fact]
    [Y4561("D-7.1.3-a")]
    [Y4561("D-7.3.7")]
    public async Task The_catalogue_shows_what_operators_set_at_once()
    {
        var before = await agencies.Get("/u2s/v1/services");
        before.GetProperty("items").EnumerateArray().Select(s => s.GetProperty("id").GetString()).ShouldBe(["query", "search", "timestamps", "verify", "trace", "disclose", "directory", "subscribe"]);
        await agencies.Control(EventTable.ServiceSet, "service-search", new()
        {
            ["id"] = "search", ["title"] = "Find", ["enabled"] = true, ["profiles"] = new JsonArray("json"), ["quota"] = new JsonObject { ["requests"] = 100, ["windowSeconds"] = 60 },
        });
        var service = await agencies.Get("/u2s/v1/services/search");
        (service.GetProperty("title").GetString(), service.GetProperty("requests").GetInt64(), service.GetProperty("windowSeconds").GetInt64()).ShouldBe(("Find", 100, 60));
        // What can be tried can be tried.
        await agencies.Get(service.GetProperty("tryIt").GetString()!);
        (await agencies.Get("/u2s/v1/services/none", 404)).GetProperty("code").GetString().ShouldBe("not-found");
    }

    [Fact]
    [Y4561("N-6.2.6-g")]
    [Y4561("N-6.2.6-f")]
    public async Task The_four_verbs_are_events_that_can_be_filtered_and_counted_and_are_hops_of_the_path()
    {
        var token = await agencies.Application("traders");
        var id = await agencies.Put("permit", new() { ["number"] = "G-1", ["kind"] = "x" });
        await agencies.Settled();
        var leaf = (await agencies.Get($"/u2s/v1/records/{id}")).GetProperty("leaf").GetString()!;
        foreach (var verb in new[] { "reused", "shared", "circulated", "exchanged", "shared" })
        {
            await agencies.Send(HttpMethod.Post, $"/u2s/v1/records/{id}/circulations", token, new() { ["verb"] = verb, ["checksum"] = leaf, ["recipient"] = "archive" }, 202);
        }
        (await agencies.Send(HttpMethod.Post, $"/u2s/v1/records/{id}/circulations", token, new() { ["verb"] = "lost", ["checksum"] = leaf }, 400)).GetProperty("code").GetString().ShouldBe("query-malformed");
        await agencies.Settled();

        var all = await agencies.Get($"/u2s/v1/circulations?record={id}");
        all.GetProperty("counts").EnumerateObject().Select(c => $"{c.Name} {c.Value}").ShouldBe(["reused 1", "shared 2", "circulated 1", "exchanged 1"]);
        (await agencies.Get($"/u2s/v1/circulations?record={id}&verb=shared")).GetProperty("items").GetArrayLength().ShouldBe(2);
        (await agencies.Get($"/u2s/v1/records/{id}/path")).GetProperty("isIntact").GetBoolean().ShouldBeTrue();

        await agencies.Send(HttpMethod.Post, $"/u2s/v1/records/{id}/circulations", token, new() { ["verb"] = "exchanged", ["checksum"] = Digest.Of("something else").ToString() }, 202);
        await agencies.Settled();
        var path = await agencies.Get($"/u2s/v1/records/{id}/path");
        path.GetProperty("brokenAt").GetString().ShouldBe("exchanged");
        path.GetProperty("hops").GetArrayLength().ShouldBe(4 + 6);
    }

    [Fact]
    [Y4561("D-7.2.2-e")]
    [Y4561("D-8.7-1")]
    public async Task A_case_has_a_number_that_both_sides_see_and_neither_can_deny()
    {
        var (asker, other) = (await agencies.Application("asker"), await agencies.Application("other"));
        var operators = await Support.TokenFor.Person(agencies.Ledger, agencies.Ledger.Operators[0], "u2s");
        var opened = await agencies.Send(HttpMethod.Post, "/u2s/v1/cases", asker, new() { ["kind"] = "access", ["text"] = "We inspect.", ["format"] = "permit", ["fields"] = new JsonArray("holder") }, 201);
        var id = opened.GetProperty("id").GetString()!;
        opened.GetProperty("state").GetString().ShouldBe("open");

        (await agencies.Send(HttpMethod.Get, $"/u2s/v1/cases/{id}", other, null, 404)).GetProperty("code").GetString().ShouldBe("case-unknown");
        (await agencies.Send(HttpMethod.Get, "/u2s/v1/cases", other)).GetProperty("total").GetInt64().ShouldBe(0);
        (await agencies.Send(HttpMethod.Post, $"/u2s/v1/cases/{id}/answer", asker, new() { ["outcome"] = "granted", ["text"] = "Yes." }, 403)).GetProperty("code").GetString().ShouldBe("role-missing");
        await agencies.Send(HttpMethod.Post, $"/u2s/v1/cases/{id}/answer", operators, new() { ["outcome"] = "refused", ["text"] = "Not for this purpose." });
        (await agencies.Send(HttpMethod.Post, $"/u2s/v1/cases/{id}/answer", operators, new() { ["outcome"] = "granted", ["text"] = "Yes after all." }, 409)).GetProperty("code").GetString().ShouldBe("case-answered");

        var answered = (await agencies.Send(HttpMethod.Get, "/u2s/v1/cases", asker)).GetProperty("items").EnumerateArray().ShouldHaveSingleItem();
        answered.GetProperty("answer").GetProperty("outcome").GetString().ShouldBe("refused");
        // Question and answer are the ones whose digests are sealed, and the ledger tells no word of them.
        await agencies.Settled();
        foreach (var (entry, content) in new[] { ("entry", "content"), ("answerEntry", "answer") })
        {
            var sealedEntry = await agencies.Get($"/u2s/v1/entries/{answered.GetProperty(entry).GetInt64()}/proof");
            AnyProof.Verify(Encoding.UTF8.GetBytes(sealedEntry.GetRawText()), agencies.Ledger.Genesis.File).Judgement.ShouldBe(Judgement.Authentic);
            sealedEntry.GetProperty("entry").GetProperty("data").GetProperty("digest").GetString().ShouldBe(Digest.Of(Jcs.Bytes(answered.GetProperty(content))).ToString());
            sealedEntry.GetRawText().ShouldNotContain("inspect");
        }
    }

    [Fact]
    [Y4561("D-7.2.2-e")]
    public async Task Anybody_reports_a_fake_without_a_name_and_sees_the_answer_by_the_number_alone()
    {
        var operators = await Support.TokenFor.Person(agencies.Ledger, agencies.Ledger.Operators[0], "u2s");
        var filed = await agencies.Send(HttpMethod.Post, "/u2s/v1/reports", null, new() { ["text"] = "The stamp is wrong.", ["about"] = "P-1", ["contact"] = "me@example.org" }, 201);
        var id = filed.GetProperty("id").GetString()!;
        await agencies.Settled();
        var entry = (await agencies.Get($"/u2s/v1/entries/{filed.GetProperty("entry").GetInt64()}/proof")).GetRawText();
        entry.ShouldContain(Digest.Of(Jcs.Bytes(filed.GetProperty("content"))).ToString());
        entry.ShouldNotContain("stamp");
        entry.ShouldNotContain("me@example.org");

        var open = await agencies.Get($"/u2s/v1/reports/{id}");
        (open.GetProperty("state").GetString(), open.TryGetProperty("content", out _)).ShouldBe(("open", false), "whoever has the number sees how it stands, not what was written");
        await agencies.Send(HttpMethod.Post, $"/u2s/v1/cases/{id}/answer", operators, new() { ["outcome"] = "done", ["text"] = "Thank you: it was forged." });
        (await agencies.Get($"/u2s/v1/reports/{id}")).GetProperty("text").GetString().ShouldBe("Thank you: it was forged.");

        await agencies.Send(HttpMethod.Post, "/u2s/v1/reports", null, new() { ["contact"] = "nobody" }, 400);
        await agencies.Send(HttpMethod.Get, "/u2s/v1/reports/0000000000000000", null, null, 404);
    }

    [Fact]
    [Y4561("D-7.1.3-b")]
    public async Task A_saved_question_is_versioned_shared_and_asked_again()
    {
        var (owner, stranger) = (await agencies.Application("planners"), await agencies.Application("strangers"));
        JsonObject Question(int seats) => new()
        {
            ["title"] = "Large ones", ["shared"] = true,
            ["query"] = JsonNode.Parse($$"""{"from":{"format":"permit","where":[{"field":"seats","op":"ge","value":{{seats}}}]},"asOf":{{agencies.Height}}}"""),
        };
        var first = await agencies.Send(HttpMethod.Post, "/u2s/v1/queries", owner, Question(150), 201);
        var id = first.GetProperty("id").GetString()!;
        (await agencies.Send(HttpMethod.Get, first.GetProperty("rows").GetString()!, owner)).GetProperty("total").GetInt64().ShouldBe(agencies.Permits.Values.Count(p => (int)p["seats"]! >= 150));

        (await agencies.Send(HttpMethod.Put, $"/u2s/v1/queries/{id}", owner, Question(100), 428)).GetProperty("code").GetString().ShouldBe("precondition-required");
        (await Put(id, owner, Question(100), "\"v1\"")).ShouldBe(200);
        (await Put(id, owner, Question(50), "\"v1\"")).ShouldBe(412);
        (await agencies.Send(HttpMethod.Get, $"/u2s/v1/queries/{id}/rows?version=1", owner)).GetProperty("total").GetInt64().ShouldBe(agencies.Permits.Values.Count(p => (int)p["seats"]! >= 150));
        (await agencies.Send(HttpMethod.Get, $"/u2s/v1/queries/{id}/rows", owner)).GetProperty("total").GetInt64().ShouldBe(agencies.Permits.Values.Count(p => (int)p["seats"]! >= 100));
        (await agencies.Send(HttpMethod.Get, $"/u2s/v1/queries/{id}", stranger, null, 404)).GetProperty("code").GetString().ShouldBe("saved-query-unknown");
        (await agencies.Send(HttpMethod.Get, "/u2s/v1/queries", owner)).GetProperty("items")[0].GetProperty("version").GetInt32().ShouldBe(2);
        (await agencies.Send(HttpMethod.Post, "/u2s/v1/queries", owner, new() { ["title"] = "x", ["query"] = new JsonObject() }, 400)).GetProperty("code").GetString().ShouldBe("query-malformed");
        await agencies.Send(HttpMethod.Delete, $"/u2s/v1/queries/{id}", owner, null, 204);
        (await agencies.Send(HttpMethod.Get, "/u2s/v1/queries", owner)).GetProperty("total").GetInt32().ShouldBe(0);
    }

    private async Task<int> Put(string id, string token, JsonObject body, string match)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/u2s/v1/queries/{id}") { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new("Bearer", token);
        request.Headers.IfMatch.ParseAdd(match);
        using var answer = await agencies.Ledger.Http.SendAsync(request);
        return (int)answer.StatusCode;
    }
}
