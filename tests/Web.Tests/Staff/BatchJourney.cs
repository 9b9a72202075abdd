using System.Text;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EventLedger.Web.Tests.Staff;

/// <summary>Many renewals from a spreadsheet.</summary>
public sealed class BatchJourney(Portal portal)
{
    [Fact]
    public async Task Twenty_rows_two_of_them_bad_are_looked_at_signed_once_and_answered_row_by_row()
    {
        var ledger = await portal.Ledger();
        var numbers = (await ledger.Get("/u2s/v1/query?format=mobile-food-permit&where=facilityType,eq,Truck&limit=18&order=-id")).Body["items"]!.AsArray().Select(i => i!["fields"]!["permit"]!.GetValue<string>()).ToList();
        numbers.Count.ShouldBe(18);
        var sheet = string.Join('\n', ["Permit number;Runs until;Remark", .. numbers.Select(n => $"{n};2032-06-30;kept aside"), "99MFF-9999;2032-06-30;", $"{numbers[0]};tomorrow;"]);
        var page = await portal.SignedIn("registrar", path: "/staff/desk/batch");
        await page.GetByLabel("What is renewed").SelectOptionAsync("urn:eventledger:mobile-food-permit:1");
        await page.GetByLabel("Spreadsheet").SetInputFilesAsync(new FilePayload { Name = "renewals.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes(sheet) });
        await page.GetByRole(AriaRole.Button, new() { Name = "Look at it" }).ClickAsync();
        var status = page.GetByRole(AriaRole.Status);
        await Expect(status).ToContainTextAsync("20 rows: 18 ready, 0 with nothing to change, 2 wrong");
        await Expect(page.GetByText("left aside: Remark")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "99MFF-9999" })).ToContainTextAsync("There is no licence");
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "give a day" })).ToHaveCountAsync(1);
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = numbers[1] })).ToContainTextAsync("2032-06-30");
        (await Portal.Faults(page)).ShouldBe("");

        // What was made lies in the browser: a reload goes on where it stopped.
        await page.ReloadAsync();
        var before = await Entries(numbers);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign 18 renewals with the key in this browser" }).ClickAsync();
        await Expect(status).ToContainTextAsync("Done: 18 in the ledger, 0 refused.");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Entry" })).ToHaveCountAsync(18);
        await page.ReloadAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "with the key in this browser" })).ToBeHiddenAsync();

        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Button, new() { Name = "Results as CSV" }).ClickAsync());
        (await File.ReadAllLinesAsync((await download.PathAsync())!, TestContext.Current.CancellationToken)).Length.ShouldBe(21);
        await ledger.AllSealed();
        await ledger.AllProjected();
        (await Entries(numbers)).ShouldBe([.. before.Select(b => b + 1)]);
        (await ledger.Get($"/u2s/v1/licences/{numbers[3]}")).Body["validUntil"]!.GetValue<string>().ShouldBe("2032-06-30T23:59:59.000Z");
        await page.Context.DisposeAsync();
    }

    private async Task<List<int>> Entries(List<string> numbers)
    {
        var entries = new List<int>();
        foreach (var number in numbers)
        {
            entries.Add(await DeskSteps.Entries(portal, number));
        }
        return entries;
    }
}
