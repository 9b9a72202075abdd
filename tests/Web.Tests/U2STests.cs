using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Web.Tests.Support;

namespace EventLedger.Web.Tests;

/// <summary>What data users get over HTTP.</summary>
public sealed class U2STests(SeededSite site)
{
    [Theory]
    [InlineData(Register.Valid, "valid")]
    [InlineData(Register.Expired, "expired")]
    [InlineData(Register.Suspended, "suspended")]
    [InlineData(Register.Revoked, "revoked")]
    [InlineData(Register.Renewed, "valid")]
    public async Task A_licence_has_its_status_as_of_a_sealed_block(string number, string status)
    {
        var licence = await Json($"/u2s/v1/licences/{number}");
        licence.GetProperty("state").GetString().ShouldBe("sealed");
        licence.GetProperty("status").GetProperty("value").GetString().ShouldBe(status);
        licence.GetProperty("asOf").GetProperty("height").GetInt64().ShouldBe(4);
        licence.GetProperty("withheld")[0].GetString().ShouldBe("manager");
        licence.GetRawText().ShouldNotContain("Jane Doe");
    }

    [Fact]
    public async Task A_licence_lists_the_places_that_name_it() =>
        (await Json($"/u2s/v1/licences/{Register.Valid}")).GetProperty("locations").EnumerateArray()
            .Select(l => l.GetProperty("claims").GetProperty("address").GetString()).ShouldBe(["3750 18th Street", "2535 Taylor Street"]);

    [Fact]
    public async Task A_licence_that_waits_for_its_seal_is_accepted_and_has_neither_status_nor_proof()
    {
        var licence = await Json($"/u2s/v1/licences/{Register.Waiting}");
        licence.GetProperty("state").GetString().ShouldBe("accepted");
        licence.TryGetProperty("status", out _).ShouldBeFalse();
        licence.GetProperty("links").TryGetProperty("proof", out _).ShouldBeFalse();
        (await Problem($"/u2s/v1/licences/{Register.Waiting}/proof", HttpStatusCode.Conflict)).ShouldBe("record-not-sealed");
    }

    [Fact]
    public async Task Two_sources_with_one_number_give_300_with_both()
    {
        var both = await Json($"/u2s/v1/licences/{Register.Shared}", HttpStatusCode.MultipleChoices);
        var hrefs = both.GetProperty("choices").EnumerateArray().Select(c => c.GetProperty("href").GetString()!).ToList();
        hrefs.Count.ShouldBe(2);
        (await Json(hrefs[1])).GetProperty("issuer").GetProperty("iss").GetString().ShouldBe(Register.County);
        (await Json($"/u2s/v1/licences/{Register.Shared}/history", HttpStatusCode.MultipleChoices)).GetProperty("choices").GetArrayLength().ShouldBe(2);
    }

    [Theory]
    [InlineData("none", "licence-unknown")]
    [InlineData(Register.Applied, "licence-not-issued")]
    [InlineData(Register.Forged, "licence-unknown")]
    public async Task A_number_without_licence_gives_404_that_says_what_there_is(string number, string code) =>
        (await Problem($"/u2s/v1/licences/{number}", HttpStatusCode.NotFound)).ShouldBe(code);

    [Theory]
    [InlineData(Register.Valid, "ok")]
    [InlineData(Register.Expired, "expired")]
    [InlineData(Register.Suspended, "suspended")]
    [InlineData(Register.Revoked, "revoked")]
    [InlineData(Register.Renewed, "ok")]
    [Y4561("N-6.2.1-c")]
    [Y4561("N-8.3-f")]
    public async Task A_proof_verifies_with_nothing_but_the_genesis_file(string number, string code)
    {
        using var answer = await Get($"/u2s/v1/licences/{number}/proof");
        answer.Content.Headers.ContentType!.MediaType.ShouldBe(ProofBundle.MediaType);
        var bundle = await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        var verdict = ProofVerifier.Verify(bundle, site.Chain.Chain.File);
        (verdict.Word, verdict.Code).ShouldBe(("authentic", code));

        var judged = await Post("/u2s/v1/verify", bundle);
        judged.GetProperty("verdict").GetString().ShouldBe("authentic");
        judged.GetProperty("checks").GetArrayLength().ShouldBe(4);
        bundle[bundle.Length / 2] ^= 1;
        (await Post("/u2s/v1/verify", bundle)).GetProperty("verdict").GetString().ShouldBe("not-authentic");
    }

    [Fact]
    public async Task A_record_without_life_cycle_has_a_proof_without_status()
    {
        var place = (await Json($"/u2s/v1/licences/{Register.Valid}")).GetProperty("locations")[0].GetProperty("id").GetInt64();
        using var answer = await Get($"/u2s/v1/records/{place}/proof");
        var verdict = ProofVerifier.Verify(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken), site.Chain.Chain.File);
        (verdict.Word, verdict.Code).ShouldBe(("authentic", "ok"));
    }

    [Fact]
    public async Task A_rejected_entry_has_no_effect_anywhere()
    {
        var id = site.Register.Records[Register.Forged];
        (await Problem($"/u2s/v1/records/{id}", HttpStatusCode.NotFound)).ShouldBe("record-rejected");
        (await Problem($"/u2s/v1/records/{id}/proof", HttpStatusCode.NotFound)).ShouldBe("record-rejected");
        (await Json("/u2s/v1/records?limit=1000")).GetProperty("items").EnumerateArray().ShouldNotContain(r => r.GetProperty("id").GetInt64() == id);
    }

    [Fact]
    public async Task Pages_of_records_cover_all_of_them_once_and_the_total_is_exact()
    {
        var seen = new List<long>();
        string? next = "/u2s/v1/records?state=sealed&limit=4";
        long total = -1;
        while (next is not null)
        {
            var page = await Json(next);
            total = page.GetProperty("total").GetInt64();
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetInt64()));
            next = page.TryGetProperty("next", out var href) ? href.GetString() : null;
        }
        seen.ShouldBe(seen.Distinct().Order());
        total.ShouldBe(seen.Count);
        seen.Count.ShouldBe(11);
        (await Json("/u2s/v1/records?state=accepted")).GetProperty("total").GetInt64().ShouldBe(1);
        (await Json($"/u2s/v1/records?format=permit&iss={Uri.EscapeDataString(Register.County)}")).GetProperty("total").GetInt64().ShouldBe(1);
        (await Problem("/u2s/v1/records?limit=0", HttpStatusCode.BadRequest)).ShouldBe("request-malformed");
    }

    [Fact]
    [Y4561("D-7.1.2-c")]
    public async Task History_and_lineage_name_the_entries_that_vouch_for_them()
    {
        var history = await Json($"/u2s/v1/licences/{Register.Suspended}/history");
        history.GetProperty("steps").EnumerateArray().Select(s => s.GetProperty("what").GetString()).ShouldBe(["submitted", "suspended"]);
        var lineage = await Json($"/u2s/v1/licences/{Register.Suspended}/lineage");
        lineage.GetProperty("steps").EnumerateArray().Select(s => s.GetProperty("what").GetString()).ShouldBe(["source", "key", "format", "record", "block"]);
    }

    [Fact]
    public async Task A_read_with_the_known_ETag_is_answered_304()
    {
        using var first = await Get($"/u2s/v1/licences/{Register.Valid}");
        using var again = new HttpRequestMessage(HttpMethod.Get, $"/u2s/v1/licences/{Register.Valid}");
        again.Headers.TryAddWithoutValidation("If-None-Match", first.Headers.ETag!.Tag);
        using var answer = await site.Http.SendAsync(again, TestContext.Current.CancellationToken);
        answer.StatusCode.ShouldBe(HttpStatusCode.NotModified);
    }

    [Fact]
    public async Task The_status_list_tells_what_is_suspended_revoked_or_replaced()
    {
        // Records of the fixture name their list under the ledger's public address.
        using var request = new HttpRequestMessage(HttpMethod.Get, EventTable.StatusListPath(Register.City, 0)) { Headers = { Host = "localhost:8080" } };
        using var answer = await site.Http.SendAsync(request, TestContext.Current.CancellationToken);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/statuslist+jwt");
        var jwt = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        B64.TryDecode(jwt.Split('.')[1], out var payload).ShouldBeTrue();
        B64.TryDecode(JsonDocument.Parse(payload).RootElement.GetProperty("status_list").GetProperty("lst").GetString()!, out var packed).ShouldBeTrue();
        using var zlib = new ZLibStream(new MemoryStream(packed!), CompressionMode.Decompress);
        var bytes = new byte[8];
        await zlib.ReadExactlyAsync(bytes, TestContext.Current.CancellationToken);
        Enumerable.Range(1, 12).Where(i => Value(i) != 0).Select(i => (i, Value(i))).ShouldBe([(5, 2), (6, 1), (7, 1)]);
        int Value(int index) => (bytes[index / 4] >> (index % 4 * 2)) & 3;
    }

    [Fact]
    [Y4561("D-7.1.2-b")]
    [Y4561("N-6.2.2-b")]
    public async Task A_block_names_its_signers_and_what_it_rejected()
    {
        var block = await Json("/u2s/v1/blocks/3");
        block.GetProperty("signedBy").GetArrayLength().ShouldBe(3);
        block.GetProperty("validators").GetInt32().ShouldBe(4);
        block.GetProperty("rejected")[0].GetProperty("id").GetInt64().ShouldBe(site.Register.Records[Register.Forged]);
        (await Json("/u2s/v1/blocks?limit=2")).GetProperty("items").EnumerateArray().Select(b => b.GetProperty("height").GetInt64()).ShouldBe([4, 3]);
    }

    private Task<HttpResponseMessage> Get(string path) => site.Http.GetAsync(path, TestContext.Current.CancellationToken);

    private async Task<JsonElement> Json(string path, HttpStatusCode status = HttpStatusCode.OK)
    {
        using var answer = await Get(path);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        answer.StatusCode.ShouldBe(status, text);
        return JsonDocument.Parse(text).RootElement;
    }

    private async Task<string> Problem(string path, HttpStatusCode status)
    {
        using var answer = await Get(path);
        answer.StatusCode.ShouldBe(status);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
        problem.GetProperty("detail").GetString().ShouldNotBeNullOrEmpty();
        return problem.GetProperty("code").GetString()!;
    }

    private async Task<JsonElement> Post(string path, byte[] body)
    {
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new(ProofBundle.MediaType) } };
        using var answer = await site.Http.PostAsync(path, content, TestContext.Current.CancellationToken);
        return JsonDocument.Parse(Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken))).RootElement;
    }
}
