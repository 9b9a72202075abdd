using EventLedger.Web.Tests.Support;
using Microsoft.Playwright;

namespace EventLedger.Web.Tests;

/// <summary>What a citizen does, in a real browser.</summary>
public sealed class JourneyTests(SeededSite site, Browser browser)
{
    [Fact]
    [Y4561("N-6.2.1-c")]
    public async Task From_a_number_to_a_proof_that_the_browser_itself_finds_authentic()
    {
        var page = await browser.Open(phone: true);
        var sent = new List<string>();
        page.Request += (_, request) => sent.Add($"{request.Method} {new Uri(request.Url).AbsolutePath}");
        await page.GotoAsync(site.Url);
        await page.GetByRole(AriaRole.Searchbox).FillAsync(Register.Valid);
        await page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync($"Licence {Register.Valid}");
        await Assertions.Expect(page.GetByText("This licence is valid")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("3750 18th Street")).ToBeVisibleAsync();

        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "Download the proof" }).ClickAsync());
        var bundle = await File.ReadAllTextAsync(await download.PathAsync(), TestContext.Current.CancellationToken);

        await page.GotoAsync(site.Url + "verify");
        sent.Clear();
        await Drop(page, "licence.proof.json", bundle);
        var verdict = page.GetByRole(AriaRole.Status).GetByRole(AriaRole.Heading, new() { Level = 2 }).First;
        await Assertions.Expect(verdict).ToHaveTextAsync("Authentic");
        await Assertions.Expect(verdict).ToBeFocusedAsync();
        await Assertions.Expect(page.Locator(".ticks > .yes")).ToHaveCountAsync(4);
        // The file stays on the device.
        sent.ShouldNotContain(r => r.StartsWith("POST", StringComparison.Ordinal));

        await Drop(page, "changed.json", bundle.Replace("Anzu", "Anza", StringComparison.Ordinal).Replace("\"height\":2", "\"height\":3", StringComparison.Ordinal));
        await Assertions.Expect(verdict).ToHaveTextAsync("Not authentic");
        await Assertions.Expect(verdict).ToBeFocusedAsync();
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task A_suspended_licence_says_so_first_and_its_proof_too()
    {
        var page = await browser.Open();
        await page.GotoAsync($"{site.Url}licence/{Register.Suspended}");
        await Assertions.Expect(page.GetByText("This licence is suspended")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator(".verdict").GetByText("Inspection of 3 March not passed")).ToBeVisibleAsync();
        using var proof = await site.Http.GetAsync($"/u2s/v1/licences/{Register.Suspended}/proof", TestContext.Current.CancellationToken);
        await page.GotoAsync(site.Url + "verify");
        await Drop(page, "proof.json", await proof.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        await Assertions.Expect(page.GetByRole(AriaRole.Status).GetByRole(AriaRole.Heading).First).ToHaveTextAsync("Authentic, but suspended");
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task Without_script_every_page_works_and_the_form_checks_the_proof()
    {
        var page = await browser.Open(script: false);
        await page.GotoAsync(site.Url);
        await page.GetByRole(AriaRole.Searchbox).FillAsync("block 2");
        await page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Block 2");
        var proof = await site.Http.GetByteArrayAsync($"/u2s/v1/licences/{Register.Valid}/proof", TestContext.Current.CancellationToken);
        await page.GotoAsync(site.Url + "verify");
        await page.GetByLabel("Proof file").SetInputFilesAsync(new FilePayload { Name = "licence.json", MimeType = "application/json", Buffer = proof });
        await page.GetByRole(AriaRole.Button, new() { Name = "Check" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status).GetByRole(AriaRole.Heading)).ToHaveTextAsync("Authentic");
        await Assertions.Expect(page.Locator(".ticks > .yes")).ToHaveCountAsync(4);
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task A_page_is_small_and_runs_nothing_from_elsewhere()
    {
        var page = await browser.Open();
        long bytes = 0;
        var problems = new List<string>();
        page.Response += async (_, response) => Interlocked.Add(ref bytes, (await response.BodyAsync()).Length);
        page.Console += (_, message) => problems.Add(message.Text);
        foreach (var path in new[] { "", "verify", $"licence/{Register.Valid}", "block/2" })
        {
            bytes = 0;
            var response = await page.GotoAsync(site.Url + path, new() { WaitUntil = WaitUntilState.NetworkIdle });
            bytes.ShouldBeLessThan(100_000, path);
            response!.Headers["content-security-policy"].ShouldStartWith("default-src 'self'");
        }
        problems.ShouldBeEmpty();
        await page.Context.DisposeAsync();
    }

    [Theory]
    [InlineData("1", "/block/1")]
    [InlineData(Register.Valid, $"/licence/{Register.Valid}")]
    [InlineData("21mff–00015", $"/licence/{Register.Valid}")]
    [InlineData(" ", "/")]
    [InlineData("Block 3", "/block/3")]
    [InlineData(Register.Applied, $"/licence/{Register.Applied}")]
    [Y4561("D-7.1.2-i")]
    public async Task The_search_box_knows_what_is_meant(string text, string path)
    {
        using var answer = await site.Http.GetAsync($"/search?q={Uri.EscapeDataString(text)}", TestContext.Current.CancellationToken);
        (answer.Headers.Location is { } to ? new Uri(site.Http.BaseAddress!, to).PathAndQuery : answer.RequestMessage!.RequestUri!.PathAndQuery).ShouldBe(path);
    }

    [Theory]
    [InlineData($"/licence/{Register.Valid}", 200, "This licence is valid")]
    [InlineData($"/licence/{Register.Revoked}", 200, "This licence was revoked")]
    [InlineData($"/licence/{Register.Shared}", 300, "Several licences")]
    [InlineData($"/licence/{Register.Applied}", 404, "No licence, but an application")]
    [InlineData("/licence/none", 404, "No such licence")]
    [InlineData("/record/999", 404, "No record 999")]
    [InlineData("/block/999", 404, "No block 999")]
    [InlineData("/nowhere", 404, "Page not found")]
    [InlineData("/blocks?before=abc", 400, "is not the number of a block")]
    [InlineData("/problems/licence-unknown", 200, "<h1><code>licence-unknown</code></h1>")]
    [InlineData("/problems", 200, "<h1>Problem codes</h1>")]
    [InlineData("/conformance", 200, "<code>N-6.2.1-c</code>")]
    [InlineData("/problems/none", 404, "Page not found")]
    [InlineData("/search?q=nothing-like-it", 404, "Nothing found")]
    public async Task A_page_says_in_status_and_words_what_it_is(string path, int status, string words)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Accept", "text/html" } } };
        using var answer = await site.Http.SendAsync(request, TestContext.Current.CancellationToken);
        ((int)answer.StatusCode).ShouldBe(status);
        (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain(words);
    }

    [Fact]
    public async Task A_licence_shows_its_fields_in_the_formats_own_words_and_order()
    {
        var page = await browser.Open();
        await page.GotoAsync($"{site.Url}licence/{Register.Valid}");
        (await page.Locator(".facts dt").AllTextContentsAsync()).ShouldBe(["Permit number", "What may be sold", "Business", "Menu"]);
        var link = page.GetByRole(AriaRole.Link, new() { Name = "Open at menus.example" });
        (await link.GetAttributeAsync("href")).ShouldBe("https://menus.example/anzu?day=1&lang=en");
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task The_search_box_finds_a_record_by_its_hash()
    {
        var leaf = (await site.Store.ReadAll(site.Register.Records[Register.Valid], 1, TestContext.Current.CancellationToken))[0].Leaf;
        using var answer = await site.Http.GetAsync($"/search?q={leaf}", TestContext.Current.CancellationToken);
        answer.Headers.Location!.ToString().ShouldEndWith($"/record/{site.Register.Records[Register.Valid]}");
    }

    private static async Task Drop(IPage page, string name, string text)
    {
        var files = await page.EvaluateHandleAsync("([name, text]) => { const d = new DataTransfer(); d.items.add(new File([text], name)); return d; }", new[] { name, text });
        await page.DispatchEventAsync("main", "drop", new { dataTransfer = files });
    }
}
