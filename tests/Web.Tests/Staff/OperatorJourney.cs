using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EventLedger.Web.Tests.Staff;

/// <summary>An operator's work, by role and name as a person finds things.</summary>
public sealed partial class OperatorJourney(Portal portal)
{
    [Fact]
    public async Task An_act_is_looked_at_drafted_signed_by_two_people_and_sealed()
    {
        var page = await portal.SignedIn("operator-1", path: "/staff/act/set/parameter");
        await page.GetByLabel("Parameter", new() { Exact = true }).SelectOptionAsync("heartbeatSeconds");
        await page.GetByLabel("Value").FillAsync("45");
        var height = (await (await portal.Ledger()).Head()).Height + 1000;
        await page.GetByLabel("From height").FillAsync($"{height}");
        await page.GetByLabel("Why").FillAsync("A quieter night");
        await page.GetByRole(AriaRole.Button, new() { Name = "See what it would do" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Check what it would do" })).ToBeFocusedAsync();
        await page.GetByText("Copy this act as a command").ClickAsync();
        await Expect(page.GetByText("./ledger control do set parameter")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Draft it and go on to sign" }).ClickAsync();

        await page.WaitForURLAsync(RequestAddress());
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign with the key in this browser" }).ClickAsync();
        var state = page.Locator("[role=status]").First;
        await Expect(state).ToContainTextAsync("Another person has to sign");

        var other = await portal.SignedIn("operator-2", path: new Uri(page.Url).AbsolutePath);
        await Expect(other.GetByText("heartbeatSeconds", new() { Exact = true }).First).ToBeVisibleAsync();
        await other.GetByRole(AriaRole.Button, new() { Name = "Sign with the key in this browser" }).ClickAsync();
        await Expect(other.Locator("[role=status]").First).ToContainTextAsync("In force");
        await (await portal.Ledger()).AllSealed();
        await other.ReloadAsync();
        await Expect(other.Locator("[role=status]").First).ToContainTextAsync("sealed by the validators");
    }

    [GeneratedRegex("/staff/requests/[A-Za-z0-9_-]+")]
    private static partial Regex RequestAddress();
}
