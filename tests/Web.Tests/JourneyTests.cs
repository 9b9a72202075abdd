using System.Text.Json;
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
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "3750 18th Street" })).ToBeVisibleAsync();

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
        await Assertions.Expect(page.Locator(".certificate").GetByText("Inspection of 3 March not passed")).ToBeVisibleAsync();
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
        await page.GetByLabel("Proof file, or picture of the code").SetInputFilesAsync(new FilePayload { Name = "licence.json", MimeType = "application/json", Buffer = proof });
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
        foreach (var path in new[] { "", "verify", "verify/how", $"licence/{Register.Valid}", "block/2", "record/7", "ledger", "directory", "conformance", "report" })
        {
            bytes = 0;
            var response = await page.GotoAsync(site.Url + path, new() { WaitUntil = WaitUntilState.NetworkIdle });
            bytes.ShouldBeLessThan(100_000, path);
            response!.Headers["content-security-policy"].ShouldStartWith("default-src 'self'");
        }
        problems.ShouldBeEmpty();
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task The_sites_files_are_packed_for_whoever_can_unpack_them()
    {
        var plain = await site.Http.GetByteArrayAsync("/site.css", TestContext.Current.CancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/site.css") { Headers = { { "Accept-Encoding", "br" } } };
        using var answer = await site.Http.SendAsync(request, TestContext.Current.CancellationToken);
        answer.Content.Headers.ContentEncoding.ShouldBe(["br"]);
        var packed = await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        packed.Length.ShouldBeLessThan(plain.Length / 2);
        await using var unpacked = new System.IO.Compression.BrotliStream(new MemoryStream(packed), System.IO.Compression.CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        await unpacked.CopyToAsync(bytes, TestContext.Current.CancellationToken);
        bytes.ToArray().ShouldBe(plain);
    }

    [Theory]
    [InlineData("1", "/block/1")]
    [InlineData(Register.Valid, $"/licence/{Register.Valid}")]
    [InlineData("21mff–00015", $"/licence/{Register.Valid}")]
    [InlineData(" ", "/")]
    [InlineData("Block 3", "/block/3")]
    [InlineData(Register.Applied, $"/licence/{Register.Applied}")]
    [InlineData("bloque 3", "/block/3")]
    [InlineData("city permits office", "/source/" + CityId)]
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
    [InlineData("/search?q=Anzu", 200, "One record holds these words")]
    [InlineData("/search?q=Anzu", 200, "<strong>words</strong>")]
    [InlineData("/record/7/history", 200, "What changed")]
    [InlineData("/records", 200, "sealed records, in the order in which they came")]
    [InlineData("/records?after=x", 400, "is not the number of a record")]
    [InlineData("/source/none", 404, "No such source")]
    [InlineData("/directory", 200, "Mobile food permit")]
    [InlineData("/ledger", 200, "0 of 4 validators answer, with 0 of 4 votes; 3 are needed to seal.")]
    [InlineData("/verify/how", 200, "./ledger verify proof.json --genesis genesis")]
    [InlineData("/report/none", 404, "No such report")]
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

    [Fact]
    public async Task A_language_is_chosen_by_a_link_kept_by_a_cookie_and_not_put_into_what_is_shared()
    {
        var page = await browser.Open(script: false);
        await page.GotoAsync($"{site.Url}licence/{Register.Valid}");
        await page.GetByRole(AriaRole.Link, new() { Name = "Español" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Esta licencia es válida")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync($"Licencia {Register.Valid}");
        (await page.Locator(".show code").TextContentAsync()).ShouldBe($"{site.Url}licence/{Register.Valid}");
        await page.GotoAsync($"{site.Url}block/2");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Bloque 2");
        await page.GetByRole(AriaRole.Link, new() { Name = "English" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Block 2");
        await page.Context.DisposeAsync();
    }

    [Theory]
    [InlineData("es", "/nowhere", "Página no encontrada")]
    [InlineData("es,en;q=0.5", "/licence/none", "No hay ninguna licencia con este número")]
    [InlineData("fr", "/", "Check a licence or a record")]
    [InlineData("es", "/problems/busy", "Código de problema")]
    public async Task A_page_speaks_the_language_that_the_browser_asks_for_also_when_something_is_wrong(string asked, string path, string words)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Accept", "text/html" }, { "Accept-Language", asked } } };
        using var answer = await site.Http.SendAsync(request, TestContext.Current.CancellationToken);
        System.Net.WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain(words);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Y4561("N-6.2.1-c")]
    public async Task A_citizen_finds_a_licence_reads_the_verdict_reports_a_fake_and_gets_a_number(bool script)
    {
        var page = await browser.Open(phone: true, script: script);
        await page.GotoAsync(site.Url);
        await page.GetByRole(AriaRole.Searchbox).FillAsync(Register.Suspended);
        await page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await Assertions.Expect(page.GetByText("This licence is suspended")).ToBeVisibleAsync();
        await page.GetByText("How we know").First.ClickAsync();
        await Assertions.Expect(page.GetByText("keeps a key of its own")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Something looks wrong? Report a fake" }).ClickAsync();

        await Assertions.Expect(page.GetByLabel("Number or address that it is about")).ToHaveValueAsync(Register.Suspended);
        await page.GetByLabel("What is wrong?").FillAsync("The cart at the corner shows it as valid.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send the report" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Thank you. Your report has arrived");
        var number = new Uri(page.Url).Segments[^1];

        // The same form sent again, as by a second press or the way back, is the same report.
        await page.GoBackAsync();
        await page.GetByLabel("What is wrong?").FillAsync("The cart at the corner shows it as valid.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send the report" }).ClickAsync();
        await page.WaitForURLAsync($"**/report/*");

        using var entry = JsonDocument.Parse(await site.Http.GetStringAsync($"/u2s/v1/reports/{number}", TestContext.Current.CancellationToken));
        var seq = entry.RootElement.GetProperty("entry").GetInt64();
        var sealedEntry = (await site.Store.ReadAll(seq, 1, TestContext.Current.CancellationToken))[0];
        System.Text.Encoding.UTF8.GetString(sealedEntry.Bytes.Span).ShouldNotContain("corner", Case.Insensitive, "the ledger holds no words of a report");
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task A_report_without_words_is_sent_back_with_what_to_do_and_nothing_typed_is_lost()
    {
        var page = await browser.Open(script: false);
        await page.GotoAsync($"{site.Url}report?about=1234");
        await page.GetByLabel("How can we reach you?").FillAsync("me@example.org");
        await page.GetByLabel("What is wrong?").FillAsync("  ");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send the report" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Say what is wrong");
        await Assertions.Expect(page.GetByLabel("How can we reach you?")).ToHaveValueAsync("me@example.org");
        await Assertions.Expect(page.GetByLabel("Number or address that it is about")).ToHaveValueAsync("1234");
        await page.Context.DisposeAsync();
    }

    [Theory]
    [InlineData("PATH", "Open it")]
    [InlineData("https://fake.example/licence/1", "Careful: the code does not lead to this ledger but to fake.example")]
    [InlineData("Anzu", "Careful: the code holds no address of this ledger")]
    [InlineData("", "There is no code in this picture")]
    [InlineData(null, "This browser cannot read codes in pictures")]
    public async Task A_photo_of_a_code_says_where_it_leads_and_is_not_followed_unasked(string? code, string words)
    {
        var page = await browser.Open(phone: true);
        var text = code == "PATH" ? $"{site.Url}licence/{Register.Valid}" : code;
        // Chromium reads codes on phones only; what it would say is given here.
        await page.AddInitScriptAsync(text is null
            ? "delete globalThis.BarcodeDetector"
            : $"globalThis.BarcodeDetector = class {{ detect() {{ return Promise.resolve({(text.Length == 0 ? "[]" : $"[{{ rawValue: {JsonSerializer.Serialize(text)} }}]")}); }} }}");
        await page.GotoAsync(site.Url + "verify");
        await page.GetByLabel("Proof file, or picture of the code").SetInputFilesAsync(new FilePayload { Name = "code.png", MimeType = "image/png", Buffer = Convert.FromBase64String(Pixel) });
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync(words);
        new Uri(page.Url).AbsolutePath.ShouldBe("/verify");
        await page.Context.DisposeAsync();
    }

    // Which the search test needs as a constant; the next test holds it to the URI.
    private const string CityId = "61ae52a8b502d82867330b2b32e1731ea16f4785a3740acd45a7b0cfd50e7e57";

    private const string Pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    [Fact]
    public async Task A_source_has_a_page_of_its_own_that_the_licence_leads_to()
    {
        var page = await browser.Open();
        await page.GotoAsync($"{site.Url}licence/{Register.Valid}");
        await page.GetByRole(AriaRole.Link, new() { Name = "City Permits Office" }).First.ClickAsync();
        new Uri(page.Url).AbsolutePath.ShouldBe($"/source/{CityId}");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("City Permits Office");
        await Assertions.Expect(page.GetByText("May enter records")).ToBeVisibleAsync();
        await page.Context.DisposeAsync();
    }

    private static async Task Drop(IPage page, string name, string text)
    {
        var files = await page.EvaluateHandleAsync("([name, text]) => { const d = new DataTransfer(); d.items.add(new File([text], name)); return d; }", new[] { name, text });
        await page.DispatchEventAsync("main", "drop", new { dataTransfer = files });
    }
}
