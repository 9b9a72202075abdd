using EventLedger.Conformance.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EventLedger.Web.Tests.Staff;

/// <summary>Tests that take parts of the ledger away run by themselves: the others use the same one.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}

/// <summary>The operator's pages while a part of the ledger is gone.</summary>
[Collection(Alone.Name)]
public sealed class ControlFaults(Portal portal)
{
    [Fact]
    public async Task A_change_of_validators_that_would_halt_is_explained_and_offers_no_way_on()
    {
        var ledger = await portal.Ledger();
        var seats = (await ledger.Get("/o2c/v1/validators")).Body["validators"]!.AsArray();
        var lost = seats.Single(s => s!["name"]!.GetValue<string>() == "validator-4")!["kid"]!.GetValue<string>();
        ledger.KillValidators(4);
        try
        {
            var page = await portal.SignedIn("operator-1", path: "/staff/validators");
            await Expect(page.GetByRole(AriaRole.Row, new() { Name = "validator-4" }).First).ToContainTextAsync("down");
            await page.Locator($"[name='p.{lost}']").FillAsync("5");
            await page.GetByRole(AriaRole.Button, new() { Name = "What would it lead to?" }).ClickAsync();
            var verdict = page.GetByRole(AriaRole.Status).Filter(new() { HasText = "The ledger would stand still" });
            await Expect(verdict).ToContainTextAsync("After this 3 of 8 votes are online; 6 are needed.");
            await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Go on to draft this change" })).ToHaveCountAsync(0);

            // Whoever writes the address by hand meets the same.
            var members = string.Join(',', seats.Select(s => (Kid: s!["kid"]!.GetValue<string>(), Power: s["kid"]!.GetValue<string>() == lost ? 5 : 1)).OrderBy(s => s.Kid, StringComparer.Ordinal)
                .Select(s => $$"""{"kid":"{{s.Kid}}","power":{{s.Power}}}"""));
            await page.GotoAsync(await portal.Url($"/staff/act/set/validator?members={Uri.EscapeDataString($"[{members}]")}"));
            await page.GetByLabel("Why").FillAsync("More weight");
            await page.GetByRole(AriaRole.Button, new() { Name = "See what it would do" }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("would halt");
            await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Draft it and go on to sign" })).ToHaveCountAsync(0);
        }
        finally
        {
            ledger.StartValidators(4);
            await Wait.Until("the validator is back", async () => (await ledger.Get("/ledger/v1/validators")).Body["validators"]!.AsArray().All(v => v!["online"]!.GetValue<bool>()));
        }
    }

    [Fact]
    public async Task A_host_that_dies_between_look_and_draft_loses_nothing_and_does_nothing_twice()
    {
        var ledger = await portal.Ledger();
        var page = await portal.SignedIn("operator-1");
        await ActSteps.Look(portal, page, "storm", "Storm watch");
        ledger.KillHost();
        try
        {
            await page.GetByRole(AriaRole.Button, new() { Name = "Draft it and go on to sign" }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("nothing was done");
        }
        finally
        {
            ledger.StartHost();
            await ledger.Ready();
        }
        await page.GetByRole(AriaRole.Button, new() { Name = "Draft it and go on to sign" }).ClickAsync();
        await page.WaitForURLAsync(ActSteps.RequestAddress());
        await Expect(page.GetByText("Storm watch", new() { Exact = true })).ToBeVisibleAsync();
        (await ActSteps.Drafts(portal, page, "organisation-storm")).ShouldBe(1);
    }
}
