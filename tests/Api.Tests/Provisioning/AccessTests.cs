using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Tests.Support;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using Xunit;

namespace EventLedger.Api.Tests.Provisioning;

/// <summary>Fields that are not public: who reads them, what is noted, and who sees that.</summary>
public sealed class AccessTests(TwoAgencies agencies) : IClassFixture<TwoAgencies>, IAsyncLifetime
{
    private string clerk = null!, stranger = null!, supervisor = null!, overseer = null!;
    private string clerkName = null!;

    public async ValueTask InitializeAsync()
    {
        var registry = agencies.Ledger.Get<Host.HostState>().Registry;
        if (!registry.Organisations.ContainsKey("health"))
        {
            await Control(EventTable.OrganisationRegistered, "organisation-health", new() { ["id"] = "health", ["name"] = "Health Department" });
            await Control(EventTable.OrganisationRegistered, "organisation-press", new() { ["id"] = "press", ["name"] = "The Press" });
            await Control(EventTable.OrganisationRegistered, "organisation-journal", new() { ["id"] = "journal", ["name"] = "The Journal" });
            await Control(EventTable.OrganisationRegistered, "organisation-court", new() { ["id"] = "court", ["name"] = "The Court" });
            await Grant("g-health", "health", "permit", "inspection", 1, "holder");
        }
        (clerk, clerkName) = await Person(Role.Registrar, "health");
        (stranger, _) = await Person(Role.Registrar, "press");
        (supervisor, _) = await Person(Role.Supervisor, null);
        overseer = await TokenFor.Person(agencies.Ledger, agencies.Ledger.Operators[0], "u2s");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    [Y4561("N-6.2.5-a")]
    [Y4561("N-8.3-c")]
    public async Task A_field_is_read_under_a_grant_and_a_refusal_says_why_and_how_to_ask()
    {
        var id = await Enter("A-1", "Ada Holder");

        var read = await Get($"/u2s/v1/records/{id}/disclosed?fields=holder,kind&purpose=inspection", clerk);
        read.GetProperty("fields").GetProperty("holder").GetString().ShouldBe("Ada Holder");
        read.GetProperty("fields").GetProperty("kind").GetString().ShouldBe("x");
        read.GetProperty("grants").EnumerateArray().Select(g => g.GetString()).ShouldBe(["g-health"]);
        // The value can be checked by anybody who has the record: it is one of its digests.
        var disclosure = read.GetProperty("disclosures").EnumerateArray().ShouldHaveSingleItem().GetString()!;
        var record = await Entry(id);
        record.ShouldContain(SdJwt.DigestOf(disclosure));

        foreach (var (who, path, reason) in new[]
        {
            (stranger, $"/u2s/v1/records/{id}/disclosed?fields=holder&purpose=inspection", "no-grant"),
            (clerk, $"/u2s/v1/records/{id}/disclosed?fields=holder,phone&purpose=inspection", "other-field"),
            (clerk, $"/u2s/v1/records/{id}/disclosed?fields=holder&purpose=advertising", "other-purpose"),
        })
        {
            var refused = await Get(path, who, 403);
            refused.GetProperty("code").GetString().ShouldBe("grant-missing");
            refused.GetProperty("reason").GetString().ShouldBe(reason);
            refused.GetProperty("detail").GetString()!.ShouldContain("/u2s/v1/cases");
            refused.GetRawText().ShouldNotContain("Ada Holder");
        }
        (await Get($"/u2s/v1/records/{id}/disclosed?fields=holder", clerk, 400)).GetProperty("code").GetString().ShouldBe("purpose-missing");
        (await Get($"/u2s/v1/records/{id}/disclosed?fields=nothing&purpose=inspection", clerk, 400)).GetProperty("code").GetString().ShouldBe("query-malformed");
        (await Get($"/u2s/v1/records/{id}/disclosed?purpose=inspection", null, 401)).GetProperty("code").GetString().ShouldBe("token-missing");
        (await Get($"/u2s/v1/records/{id}/disclosed?fields=holder&purpose=inspection", overseer, 403)).GetProperty("code").GetString().ShouldBe("scope-missing");
    }

    [Fact]
    [Y4561("N-8.3-a")]
    [Y4561("N-8.2-b")]
    [Y4561("D-7.2.4-b")]
    public async Task Every_read_is_an_event_that_tells_the_chain_nothing_and_the_subject_everything()
    {
        var id = await Enter("A-2", "Bo Holder", "subject-2");
        var clerkRead = (await Get($"/u2s/v1/records/{id}/disclosed?fields=holder&purpose=inspection", clerk)).GetProperty("access").GetInt64();
        var watcherRead = (await Get($"/u2s/v1/records/{id}/disclosed?fields=holder,phone&purpose=audit", supervisor)).GetProperty("access").GetInt64();
        await agencies.Settled();

        foreach (var entry in new[] { clerkRead, watcherRead })
        {
            var text = await Entry(entry);
            text.ShouldContain("_sd");
            new[] { clerkName, "holder", "inspection", "audit", "g-health", "subject-2", "Bo Holder" }.ShouldAllBe(word => !text.Contains(word));
        }
        var list = await Accesses(Statement("subject-2"));
        list.GetProperty("total").GetInt32().ShouldBe(2);
        var (first, second) = (list.GetProperty("items")[0], list.GetProperty("items")[1]);
        (first.GetProperty("entry").GetInt64(), second.GetProperty("entry").GetInt64()).ShouldBe((clerkRead, watcherRead));
        first.GetProperty("actor").GetString().ShouldBe(clerkName);
        first.GetProperty("organisation").GetString().ShouldBe("health");
        first.GetProperty("record").GetInt64().ShouldBe(id);
        first.GetProperty("purpose").GetString().ShouldBe("inspection");
        first.GetProperty("grants")[0].GetString().ShouldBe("g-health");
        second.GetProperty("fields").EnumerateArray().Select(f => f.GetString()).ShouldBe(["holder", "phone"]);
        second.GetProperty("grants").GetArrayLength().ShouldBe(0);
        var proof = System.Text.Encoding.UTF8.GetBytes(first.GetProperty("proof").GetRawText());
        var verdict = AnyProof.Verify(proof, agencies.Ledger.Genesis.File);
        verdict.Judgement.ShouldBe(Judgement.Authentic, $"{verdict.Code}");
    }

    [Fact]
    public async Task Nobody_learns_of_another_subjects_reads()
    {
        (await Accesses(Statement("nobody"))).GetProperty("total").GetInt32().ShouldBe(0);
        using var other = TestLedger.NewKey(KeyPurpose.Record);
        (await Accesses(Statement("subject-2", other), 401)).GetProperty("code").GetString().ShouldBe("statement-invalid");
        (await Accesses(Statement("subject-2", seconds: -1), 401)).GetProperty("code").GetString().ShouldBe("statement-invalid");
        (await Accesses(Statement("subject-2", iss: TwoAgencies.County), 401)).GetProperty("code").GetString().ShouldBe("statement-invalid");
        (await Accesses("no statement", 401)).GetProperty("code").GetString().ShouldBe("statement-invalid");
    }

    [Fact]
    public async Task A_read_that_cannot_be_noted_does_not_happen()
    {
        var id = await Enter("A-3", "Cy Holder");
        await agencies.Settled();
        var store = agencies.Ledger.Get<IEventStore>();
        store.ReadOnlyReason = "for a test";
        try
        {
            var refused = await Get($"/u2s/v1/records/{id}/disclosed?fields=holder&purpose=inspection", clerk, 503);
            refused.GetProperty("code").GetString().ShouldBe("read-only");
            refused.GetRawText().ShouldNotContain("Cy Holder");
        }
        finally
        {
            store.ReadOnlyReason = null;
        }
    }

    [Fact]
    public async Task What_was_erased_is_gone_and_the_record_stays()
    {
        var id = await Enter("A-4", "Di Holder", "subject-4");
        await Get($"/u2s/v1/records/{id}/disclosed?fields=holder&purpose=inspection", clerk);
        await agencies.Settled();
        (await agencies.Ledger.Get<KeyVault.IKeyVault>().Destroy(KeyVault.KeyOwner.Of(TwoAgencies.City, "subject-4", ""), default)).ShouldBeTrue();

        (await Get($"/u2s/v1/records/{id}/disclosed?fields=holder&purpose=inspection", clerk, 410)).GetProperty("code").GetString().ShouldBe("record-erased");
        (await agencies.Get($"/u2s/v1/records/{id}")).GetProperty("claims").GetProperty("number").GetString().ShouldBe("A-4");
        // That somebody looked stays, who it was went with the key.
        var first = (await Accesses(Statement("subject-4"))).GetProperty("items")[0];
        first.TryGetProperty("actor", out _).ShouldBeFalse();
        first.GetProperty("proof").GetProperty("entry").GetProperty("type").GetString().ShouldBe(EventTable.DataAccessed);
    }

    [Fact]
    [Y4561("N-8.2-b")]
    [Y4561("N-8.4-e")]
    public async Task Explain_says_why_and_what_a_change_of_grants_would_do()
    {
        var mine = await Post("/u2s/v1/explain", new() { ["format"] = "permit", ["purpose"] = "inspection" }, clerk);
        mine.GetProperty("policy").GetInt64().ShouldBeGreaterThan(0);
        Verdicts(mine).ShouldBe(["checksum public", "holder grant", "kind public", "number public", "opened public", "phone other-field", "seats public"]);

        var question = new JsonObject
        {
            ["format"] = "permit", ["party"] = "court", ["purpose"] = "news", ["fields"] = new JsonArray("holder"),
            ["suppose"] = new JsonObject
            {
                ["issue"] = new JsonArray(new JsonObject { ["party"] = "court", ["dataset"] = "permit", ["fields"] = new JsonArray("phone"), ["purpose"] = "news", ["notAfter"] = Agency.Now.PlusMs(1000_000).ToString() }),
                ["revoke"] = new JsonArray("g-health"),
            },
        };
        (await Post("/u2s/v1/explain", (JsonObject)question.DeepClone(), clerk, 403)).GetProperty("code").GetString().ShouldBe("role-missing");
        var supposed = await Post("/u2s/v1/explain", question, overseer);
        Verdicts(supposed).ShouldBe(["holder no-grant"]);
        supposed.GetProperty("changes").EnumerateArray().Select(c => $"{c.GetProperty("party")} {c.GetProperty("effect")} {c.GetProperty("field")}").ShouldContain("court gains phone");
        supposed.GetProperty("changes").EnumerateArray().Select(c => $"{c.GetProperty("party")} {c.GetProperty("effect")} {c.GetProperty("field")}").ShouldContain("health loses holder");
        // Nothing of it happened.
        Verdicts(await Post("/u2s/v1/explain", new() { ["format"] = "permit", ["purpose"] = "inspection", ["fields"] = new JsonArray("holder") }, clerk)).ShouldBe(["holder grant"]);
    }

    [Fact]
    [Y4561("N-6.2.5-a")]
    public async Task A_party_sees_its_own_grants_and_an_operator_all_of_them_as_a_table_too()
    {
        (await Get("/u2s/v1/grants", stranger)).GetProperty("total").GetInt32().ShouldBe(0);
        var own = (await Get("/u2s/v1/grants", clerk)).GetProperty("items").EnumerateArray().ShouldHaveSingleItem();
        (own.GetProperty("id").GetString(), own.GetProperty("standing").GetString()).ShouldBe(("g-health", "in-force"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/u2s/v1/grants.csv") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", overseer) } };
        using var answer = await agencies.Ledger.Http.SendAsync(request);
        var rows = (await answer.Content.ReadAsStringAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        rows[0].ShouldBe("id,party,dataset,fields,purpose,notAfter,standing");
        rows.ShouldContain(r => r.StartsWith("g-health,health,permit,holder,inspection,", StringComparison.Ordinal));
    }

    [Fact]
    [Y4561("N-6.2.5-a")]
    public async Task A_grant_that_is_revoked_or_has_run_out_allows_nothing_from_that_moment()
    {
        // A party of its own: the grants outlast the test, and another asks what a party without any is told.
        var (reader, _) = await Person(Role.Registrar, "journal");
        var id = await Enter("A-5", "Ed Holder");
        await Grant("g-journal", "journal", "permit", "news", 1, "holder");
        await Grant("g-late", "journal", "permit", "history", -1, "holder");
        (await Get($"/u2s/v1/records/{id}/disclosed?fields=holder&purpose=news", reader)).GetProperty("fields").GetProperty("holder").GetString().ShouldBe("Ed Holder");
        (await Get($"/u2s/v1/records/{id}/disclosed?fields=holder&purpose=history", reader, 403)).GetProperty("reason").GetString().ShouldBe("expired");
        await Control(EventTable.GrantRevoked, "grant-g-journal", new() { ["id"] = "g-journal", ["reason"] = "done" }, 1);
        (await Get($"/u2s/v1/records/{id}/disclosed?fields=holder&purpose=news", reader, 403)).GetProperty("code").GetString().ShouldBe("grant-missing");
    }

    private async Task<long> Enter(string number, string holder, string? sub = null)
    {
        var id = await agencies.Put("permit", new() { ["number"] = number, ["kind"] = "x" }, holder, sub);
        await agencies.Settled();
        return id;
    }

    private static List<string> Verdicts(JsonElement explained) => [.. explained.GetProperty("fields").EnumerateArray().Select(f => $"{f.GetProperty("field")} {f.GetProperty("reason")}")];

    private string Statement(string sub, SigningKey? key = null, long seconds = 60, string iss = TwoAgencies.City) => (key ?? agencies.CityKey).SignJws("subject+jwt", Jcs.Bytes(new JsonObject
    {
        ["iss"] = iss, ["sub"] = sub, ["aud"] = $"urn:eventledger:{agencies.Ledger.Genesis.Chain}:u2s", ["exp"] = Agency.Now.UnixMs / 1000 + seconds,
    }));

    private async Task<JsonElement> Accesses(string statement, int expected = 200)
    {
        using var content = new StringContent(statement, System.Text.Encoding.ASCII, "application/jwt");
        var (status, body) = await Agency.Read(await agencies.Ledger.Http.PostAsync("/u2s/v1/subjects/accesses", content));
        status.ShouldBe(expected, body.ToString());
        return body;
    }

    private async Task<string> Entry(long seq) => System.Text.Encoding.UTF8.GetString((await agencies.Ledger.Get<IEventStore>().ReadAll(seq, 1, default))[0].Bytes.Span) is var text
        && text.Contains("\"record\":\"", StringComparison.Ordinal) ? Payload(text) : text;

    private static string Payload(string entry) => B64.TryDecode(entry.Split("\"record\":\"")[1].Split('.')[1], out var bytes) ? System.Text.Encoding.UTF8.GetString(bytes) : entry;

    private async Task<JsonElement> Get(string path, string? token, int expected = 200)
    {
        var (status, body) = await agencies.Ledger.Send(HttpMethod.Get, path, token);
        status.ShouldBe(expected, body.ToString());
        return body;
    }

    private async Task<JsonElement> Post(string path, JsonObject question, string token, int expected = 200)
    {
        var (status, body) = await agencies.Ledger.Send(HttpMethod.Post, path, token, question);
        status.ShouldBe(expected, body.ToString());
        return body;
    }

    private Task Grant(string id, string party, string dataset, string purpose, int hours, params string[] fields) => Control(EventTable.GrantIssued, $"grant-{id}", new()
    {
        ["id"] = id, ["party"] = party, ["dataset"] = dataset, ["fields"] = new JsonArray([.. fields.Select(f => JsonValue.Create(f))]), ["purpose"] = purpose,
        ["notAfter"] = Agency.Now.PlusMs(hours * 3_600_000L).ToString(),
    });

    private async Task Control(string type, string stream, JsonObject data, long version = 0)
    {
        var (status, body) = await new Agency(agencies.Ledger).Control(type, stream, version, data);
        status.ShouldBe(202, body.ToString());
    }

    private async Task<(string Token, string Pseudonym)> Person(string role, string? organisation)
    {
        var (pseudonym, key) = (B64.Encode(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16)), TestLedger.NewKey(KeyPurpose.Operator));
        var data = new JsonObject { ["jwk"] = key.Public.ToJson(), ["kind"] = "cli", ["pseudonym"] = pseudonym, ["role"] = role };
        if (organisation is not null)
        {
            data["organisation"] = organisation;
        }
        var (status, body) = await new Agency(agencies.Ledger).Control(EventTable.RoleBound, EventTable.RoleStream(pseudonym), 0, data, [.. agencies.Ledger.Operators]);
        status.ShouldBe(202, body.ToString());
        return (await TokenFor.Person(agencies.Ledger, key, "u2s"), pseudonym);
    }
}
