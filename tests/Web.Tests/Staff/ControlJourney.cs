using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EventLedger.Web.Tests.Staff;

/// <summary>An operator's day: who is let in, what would halt, what came in between, and what happens when a click is lost.</summary>
public sealed class ControlJourney(Portal portal)
{
    [Fact]
    public async Task A_source_asks_one_person_drafts_another_signs_and_it_is_in()
    {
        var ledger = await portal.Ledger();
        var key = Path.Combine(ledger.Data, "harbour.json");
        await ledger.MustRun("keygen", "--purpose", "record", "--out", key);
        await ledger.MustRun("register", "--iss", "https://harbour.example", "--name", "Harbour office", "--key", key);

        var page = await portal.SignedIn("operator-1", path: "/staff/health");
        await Expect(page.GetByText("Harbour office asks to be let in.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Sources", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Approve a source Harbour office" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "See what it would do" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Check what it would do" })).ToBeFocusedAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Draft it and go on to sign" }).ClickAsync();
        await page.WaitForURLAsync(ActSteps.RequestAddress());

        var other = await portal.SignedIn("operator-2", path: "/staff/requests?state=waiting");
        await other.GetByRole(AriaRole.Link, new() { Name = "Approve a source" }).First.ClickAsync();
        await other.GetByRole(AriaRole.Button, new() { Name = "Sign with the key in this browser" }).ClickAsync();
        await Expect(other.Locator("[role=status]").First).ToContainTextAsync("In force");
        await ledger.AllSealed();
        await other.ReloadAsync();
        await Expect(other.GetByText("validators have reached block")).ToBeVisibleAsync();

        await other.GotoAsync(await portal.Url("/staff/sources?q=harbour"));
        await other.GetByRole(AriaRole.Link, new() { Name = "Harbour office" }).ClickAsync();
        await Expect(other.GetByRole(AriaRole.Heading, new() { Name = "Harbour office" })).ToBeVisibleAsync();
        var history = other.GetByRole(AriaRole.Region, new() { Name = "History" });
        await Expect(history.GetByText("Approve a source", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(history.GetByText("sealed").Last).ToBeVisibleAsync();
    }

    [Fact]
    public async Task An_act_that_came_in_between_is_told_and_nothing_typed_is_lost()
    {
        var ledger = await portal.Ledger();
        await Organisation("meadow", "Meadow office");
        var page = await portal.SignedIn("operator-1", path: "/staff/objects/organisations/meadow");
        await page.GetByRole(AriaRole.Link, new() { Name = "Change an organisation" }).ClickAsync();
        await page.GetByLabel("Contact").FillAsync("desk@meadow.example");
        await page.GetByRole(AriaRole.Button, new() { Name = "See what it would do" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Check what it would do" })).ToBeVisibleAsync();

        await ledger.MustRun("control", "do", "change", "organisation", "--set", "id=meadow", "name=Meadow and field office", "--operator", await portal.KeyOf("operator-1"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Draft it and go on to sign" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Something came in between");
        await Expect(page.GetByLabel("Contact")).ToHaveValueAsync("desk@meadow.example");
        await page.GetByRole(AriaRole.Button, new() { Name = "See what it would do" }).ClickAsync();
        await Expect(page.GetByText("Meadow and field office")).ToBeVisibleAsync();

        // And the way back to how it was: an act like any other.
        await page.GotoAsync(await portal.Url("/staff/objects/organisations/meadow"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Draft again" }).First.ClickAsync();
        await page.WaitForURLAsync(ActSteps.RequestAddress());
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Change an organisation" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_double_click_and_the_back_button_draft_once()
    {
        var page = await portal.SignedIn("operator-1");
        await ActSteps.Look(portal, page, "twice", "Twice clicked");
        await page.GetByRole(AriaRole.Button, new() { Name = "Draft it and go on to sign" }).DblClickAsync();
        await page.WaitForURLAsync(ActSteps.RequestAddress());
        var first = page.Url.Split('?')[0];
        await page.GoBackAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Draft it and go on to sign" }).ClickAsync();
        await page.WaitForURLAsync(ActSteps.RequestAddress());
        page.Url.Split('?')[0].ShouldBe(first);
        (await ActSteps.Drafts(portal, page, "organisation-twice")).ShouldBe(1);
    }

    [Fact]
    public async Task One_act_from_the_menu_to_the_signature_needs_no_mouse()
    {
        var page = await portal.SignedIn("operator-1", path: "/staff/parameters");
        await Reach(page, "Set a parameter heartbeatSeconds");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync(url => url.Contains("/staff/act/set/parameter", StringComparison.Ordinal));
        await Reach(page, "Value");
        await page.Keyboard.TypeAsync("55");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Check what it would do" })).ToBeFocusedAsync();
        await Reach(page, "Draft it and go on to sign");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync(ActSteps.RequestAddress());
        await Reach(page, "Sign with the key in this browser");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("[role=status]").First).ToContainTextAsync("Another person has to sign");
    }

    [Fact]
    public async Task The_command_line_that_an_act_shows_does_that_act()
    {
        var ledger = await portal.Ledger();
        var page = await portal.SignedIn("operator-1");
        // A name that looks like a number must arrive as the text that it is, and one with quotes whole.
        await ActSteps.Look(portal, page, "typed", "2026");
        await page.GetByText("Copy this act as a command").ClickAsync();
        var line = (await page.Locator("#cli").InnerTextAsync()).Replace("YOUR-KEY.json", await portal.KeyOf("operator-1"), StringComparison.Ordinal);
        await ledger.MustRun([.. (await Words(line)).Skip(1)]);
        (await ActSteps.Drafts(portal, page, "organisation-typed")).ShouldBe(1);
    }

    [Fact]
    public async Task A_format_is_tried_on_samples_while_one_types_and_goes_on_to_be_registered()
    {
        var page = await portal.SignedIn("operator-1", path: "/staff/formats/try");
        await page.GetByLabel("Samples", new() { Exact = true }).FillAsync("{\"number\":\"A-1\",\"holder\":\"Ana\"}\n{\"number\":7,\"holder\":\"Bo\"}");
        var verdict = page.GetByRole(AriaRole.Status).Filter(new() { HasText = "samples fit" });
        await Expect(verdict).ToContainTextAsync("1 of 2 samples fit.");
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "number" }).Last).ToContainTextAsync("2");
        await page.GetByLabel("Samples", new() { Exact = true }).FillAsync("{\"number\":\"A-1\",\"holder\":\"Ana\"}");
        await Expect(verdict).ToContainTextAsync("1 of 1 samples fit.");
        var definition = await page.GetByLabel("Definition").InputValueAsync();
        await page.GetByLabel("Definition").FillAsync(definition.Replace("\"public\"", "\"open\"", StringComparison.Ordinal));
        await Expect(page.GetByText("The definition does not hold.")).ToBeVisibleAsync();

        // What is typed is there again, even when the page was left.
        await page.ReloadAsync();
        await Expect(page.GetByLabel("Samples", new() { Exact = true })).ToHaveValueAsync("{\"number\":\"A-1\",\"holder\":\"Ana\"}");
        await page.GetByLabel("Definition").FillAsync(definition);
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on to register it" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Check what it would do" })).ToBeFocusedAsync();
        await Expect(page.GetByText("urn:eventledger:shop-permit:1")).ToBeVisibleAsync();
        // Samples may be of real people, and addresses are written down in many places.
        page.Url.ShouldContain("shop-permit");
        page.Url.ShouldNotContain("Ana");
    }

    [Fact]
    public async Task A_person_is_invited_by_a_code_that_is_shown_once()
    {
        var page = await portal.SignedIn("operator-1", path: "/staff/people");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make a one-time code" }).ClickAsync();
        await Expect(page.Locator("#invitation")).ToHaveTextAsync(new Regex("^\\S{8,}$"));
        await page.GotoAsync(await portal.Url("/staff/people"));
        await Expect(page.Locator("#invitation")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_configuration_is_taken_changed_and_compared()
    {
        var page = await portal.SignedIn("operator-1", path: "/staff/configuration");
        var file = (JsonObject)JsonNode.Parse(await (await page.APIRequest.GetAsync(await portal.Url("/staff/file?path=/o2c/v1/configuration"))).TextAsync())!;
        file["requests"]!.AsArray().Add(new JsonObject { ["operation"] = "change", ["type"] = "organisation", ["parameters"] = new JsonObject { ["id"] = "orchard", ["name"] = "Orchard office" } });
        await page.GetByLabel("or its text").FillAsync(file.ToJsonString());
        await page.GetByRole(AriaRole.Button, new() { Name = "See what differs" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Differences: 1");
        await Expect(page.GetByRole(AriaRole.Cell, new() { Name = "Orchard office" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Draft what differs" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Drafted" })).ToBeVisibleAsync();

        // Another text from the same page is another act.
        file["requests"]!.AsArray()[^1]!["parameters"]!["name"] = "Orchard and garden office";
        await page.GetByLabel("or its text").FillAsync(file.ToJsonString());
        await page.GetByRole(AriaRole.Button, new() { Name = "See what differs" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Cell, new() { Name = "Orchard and garden office" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Draft what differs" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Drafted" })).ToBeVisibleAsync();
    }

    private async Task Organisation(string id, string name) => await (await portal.Ledger()).MustRun("control", "do", "register", "organisation", "--set", $"id={id}", $"name={name}",
        "--operator", await portal.KeyOf("operator-1"));

    // Tab by tab, as a hand on the keyboard goes.
    private static async Task Reach(IPage page, string name)
    {
        for (var i = 0; i < 120; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            if (await page.EvaluateAsync<string>("() => { const e = document.activeElement; return (e.labels?.[0]?.innerText ?? e.textContent ?? '').replace(/\\s+/g, ' ').trim(); }") == name)
            {
                return;
            }
        }
        throw new InvalidOperationException($"'{name}' is not reached by the keyboard.");
    }

    // What a shell makes of a line.
    private static async Task<string[]> Words(string line)
    {
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", $"printf '%s\\0' {line}"]) { RedirectStandardOutput = true })!;
        var words = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        return words.TrimEnd('\0').Split('\0');
    }
}
