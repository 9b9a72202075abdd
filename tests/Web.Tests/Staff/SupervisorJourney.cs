using EventLedger.Conformance.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EventLedger.Web.Tests.Staff;

/// <summary>A supervisor's day, by role and name as a person finds things.</summary>
public sealed class SupervisorJourney(Portal portal)
{
    [Fact]
    public async Task The_feed_is_watched_an_audit_ordered_its_report_signed_and_checked_offline_a_finding_followed_and_an_alert_taken_on()
    {
        var ledger = await portal.Ledger();
        var page = await portal.SignedIn("supervisor", path: "/staff/live");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Pause" })).ToBeVisibleAsync();

        await Click(page, "Audits", AriaRole.Link);
        await Click(page, "Order an audit", AriaRole.Link);
        await page.GetByLabel("First entry").FillAsync("1");
        await page.GetByLabel("Last entry").FillAsync("200");
        await Click(page, "Go on");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Which records?" })).ToBeFocusedAsync();
        await Click(page, "Go on");
        await page.GetByLabel("Draw so many").FillAsync("20");
        // So far ahead that the blocks of the tests beside this one do not reach it before it was looked at.
        var height = (await ledger.Head()).Height + 60;
        await page.GetByLabel("By the hash of block").FillAsync($"{height}");
        await Click(page, "Go on");
        await page.GetByLabel("Name of the audit").FillAsync("spring");
        await Click(page, "Check and sign");
        await Expect(page.Locator("[role=status]").First).ToContainTextAsync($"Order the audit spring: entries 1 to 200; 20 of them are drawn by the hash of block {height}");
        await page.GetByText("Copy this act as a command").ClickAsync();
        await Expect(page.GetByText("./ledger supervise audit spring")).ToBeVisibleAsync();
        await Sign(page);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Audit spring" })).ToBeVisibleAsync();

        // It waits for its seed; a reload finds it where it is.
        await page.ReloadAsync();
        await Expect(page.Locator(".progress")).ToContainTextAsync("draws the sample");
        var source = await LoadSource.Of(ledger);
        while ((await ledger.Head()).Height < height)
        {
            await source.Send(1);
            await ledger.AllSealed();
        }
        await Expect(page.GetByText("Everything that was checked holds")).ToBeVisibleAsync(new() { Timeout = 90_000 });
        await Expect(page.Locator(".progress")).ToContainTextAsync("20 of 20 entries are checked");

        await Click(page, "Sign the report", AriaRole.Link);
        await Expect(page.Locator("[role=status]").First).ToContainTextAsync("Sign the report of the audit spring, whose SHA-256 is");
        await Sign(page);
        await ledger.AllSealed();
        await page.ReloadAsync();
        var report = await Download(page, "Download the signed report", ledger);
        var (exit, said) = await ledger.Run("verify", report, "--genesis", ledger.GenesisFile);
        exit.ShouldBe(0, said);
        said.ShouldContain("Signed by supervisor");
        var bytes = await File.ReadAllTextAsync(report, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(report, bytes.Replace("\"checked\":20", "\"checked\":21", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        (await ledger.Run("verify", report, "--genesis", ledger.GenesisFile)).Exit.ShouldBe(1);

        await Finding(page, ledger);
        await Alert(page);
        (await Portal.Faults(page)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_finding_is_opened_with_the_keyboard_alone()
    {
        var page = await portal.SignedIn("supervisor", path: "/staff/findings");
        await Reach(page, "Open a finding");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/finding_opened");
        await Reach(page, "id");
        await page.Keyboard.TypeAsync("by-keyboard");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync("Found without a mouse");
        await Reach(page, "See what it means");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Check what you are about to sign" })).ToBeFocusedAsync();
        await Reach(page, "Sign with the key in this browser");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Finding by-keyboard" })).ToBeVisibleAsync();
        await Expect(page.Locator("[role=status]").First).ToBeFocusedAsync();
        await Expect(page.GetByText("Found without a mouse")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Consistency_is_checked_in_the_browser_and_a_changed_proof_is_refused()
    {
        var ledger = await portal.Ledger();
        var page = await portal.SignedIn("supervisor", path: "/staff/consistency");
        // Before the ledger began there is nothing to compare with; a minute after its beginning there is.
        await page.GotoAsync(await portal.Url($"/staff/consistency?from={Uri.EscapeDataString((await ledger.Get("/u2s/v1/blocks/1")).Body["time"]!.GetValue<string>())}"));
        var verdict = page.Locator("[data-consistency]");
        await Expect(verdict).ToContainTextAsync("Nothing was removed or changed");
        await Expect(verdict).ToBeFocusedAsync();
        var changed = await page.EvaluateAsync<string[]>("""
            async () => {
              const { verifyConsistency } = await import('/consistency.mjs');
              const { canonical } = await import('/verify.mjs');
              const read = async path => new Uint8Array(await (await fetch(path)).arrayBuffer());
              const proof = await read('/staff/file?path=' + encodeURIComponent(document.querySelector('[data-consistency]').dataset.consistency));
              const genesis = await read('/ledger/v1/genesis');
              const judge = async change => {
                const bundle = JSON.parse(new TextDecoder().decode(proof));
                change(bundle);
                return (await verifyConsistency(new TextEncoder().encode(canonical(bundle)), genesis)).code;
              };
              const other = h => (h[0] === '0' ? '1' : '0') + h.slice(1);
              return Promise.all([judge(() => {}), judge(b => { b.path[0] = other(b.path[0]); }), judge(b => { b.path.pop(); }), judge(b => { b.first.header.root = other(b.first.header.root); }),
                judge(b => { b.second.commit.signatures.length = 2; }), judge(b => { [b.first, b.second] = [b.second, b.first]; })]);
            }
            """);
        changed.ShouldBe(["ok", "inclusion", "inclusion", "header", "quorum", "header"]);
        var file = await Download(page, "Download the proof", ledger);
        (await ledger.Run("verify", file, "--genesis", ledger.GenesisFile)).Exit.ShouldBe(0);
    }

    private static async Task Finding(IPage page, TestLedger ledger)
    {
        await Click(page, "Findings", AriaRole.Link);
        await Click(page, "Open a finding", AriaRole.Link);
        await page.GetByLabel("Name of the finding").FillAsync("late-readings");
        await page.GetByLabel("Kind").SelectOptionAsync("late");
        await page.GetByLabel("What was found").FillAsync("Two readings came a day late");
        await page.GetByLabel("Entry that it is about").FillAsync("7");
        await Click(page, "See what it means");
        await Sign(page);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Finding late-readings" })).ToBeVisibleAsync();

        // The name is taken now, which is said before anybody signs again.
        await page.GotoAsync(new Uri(new Uri(page.Url), "/staff/supervise/finding_opened?look=1&id=late-readings&kind=late&text=again").ToString());
        await Expect(page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("is taken");

        await page.GotoAsync(new Uri(new Uri(page.Url), "/staff/findings/late-readings").ToString());
        await Click(page, "Close this finding", AriaRole.Link);
        await page.GetByLabel("Outcome").FillAsync("The source mended its clock");
        await Click(page, "See what it means");
        await Sign(page);
        await Expect(page.GetByText("The source mended its clock")).ToBeVisibleAsync();
        await ledger.AllSealed();
    }

    private static async Task Alert(IPage page)
    {
        await Click(page, "Alerts", AriaRole.Link);
        await Click(page, "Set a rule", AriaRole.Link);
        await page.GetByLabel("Name of the rule").FillAsync("always");
        await page.GetByLabel("Call when").SelectOptionAsync("stall");
        await page.GetByLabel("From", new() { Exact = true }).FillAsync("0");
        await Click(page, "See what it means");
        await Sign(page);
        var take = page.GetByRole(AriaRole.Link, new() { Name = "Take on alert" }).First;
        await Wait.Until("the rule calls", async () =>
        {
            await page.GotoAsync(new Uri(new Uri(page.Url), "/staff/alerts?rule=always").ToString());
            return await take.CountAsync() > 0;
        });
        await take.ClickAsync();
        await page.GetByLabel("What is done about it").FillAsync("It was a drill");
        await Click(page, "See what it means");
        await Sign(page);
        await Expect(page.GetByRole(AriaRole.Row, new() { Name = "It was a drill" })).ToBeVisibleAsync();

        await Click(page, "Remove the rule always", AriaRole.Link);
        await page.GetByLabel("Why").FillAsync("The drill is over");
        await Click(page, "See what it means");
        await Sign(page);
        await Expect(page.GetByText("No rule is set, so nobody is called.")).ToBeVisibleAsync();
    }

    private static async Task Sign(IPage page)
    {
        await Click(page, "Sign with the key in this browser");
        await Expect(page.GetByText("Done, and written under your name")).ToBeVisibleAsync();
    }

    private static Task Click(IPage page, string name, AriaRole role = AriaRole.Button) => page.GetByRole(role, new() { Name = name, Exact = true }).First.ClickAsync();

    private static async Task<string> Download(IPage page, string name, TestLedger ledger)
    {
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = name }).ClickAsync());
        var file = Path.Combine(ledger.Data, $"{Guid.NewGuid():N}.json");
        await download.SaveAsAsync(file);
        return file;
    }

    // Tab after tab, as somebody without a mouse does, until what is named has the focus.
    private static async Task Reach(IPage page, string what)
    {
        for (var i = 0; i < 200; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            if (await page.EvaluateAsync<bool>("w => document.activeElement.id === w || document.activeElement.textContent.trim() === w", what))
            {
                return;
            }
        }
        Assert.Fail($"“{what}” cannot be reached by Tab.");
    }
}
