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

    [Fact]
    public async Task A_batch_whose_answer_was_lost_goes_on_with_new_drafts_and_new_signatures_and_loses_nothing_protected()
    {
        const string Number = "TX-3001";
        var page = await DeskSteps.Begin(portal);
        await DeskSteps.ToCheck(page, Number);
        await DeskSteps.Sign(page);
        await (await portal.Ledger()).AllProjected();

        await Sheet(page, $"Licence number;Runs until\n{Number};2033-06-30");
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = Number })).ToContainTextAsync("Driver is protected and must be told again");
        await page.GetByRole(AriaRole.Button, new() { Name = "Close this batch" }).ClickAsync();
        await Expect(page.GetByLabel("Spreadsheet")).ToBeVisibleAsync();

        // Nobody answers the first look: it goes on where it stopped, without a reload.
        await page.RouteAsync("**/staff/desk/batch/drafts", route => route.AbortAsync());
        await Sheet(page, $"Licence number;Runs until;Driver\n{Number};2033-06-30;Maria Rossi");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("cannot be reached");
        await page.UnrouteAsync("**/staff/desk/batch/drafts");
        await page.GetByRole(AriaRole.Button, new() { Name = "Look at the other rows" }).ClickAsync();
        var sign = page.GetByRole(AriaRole.Button, new() { Name = "Sign 1 renewals with the key in this browser" });
        await Expect(sign).ToBeVisibleAsync();

        // It is signed and never arrives; an hour later the draft has ended.
        await page.RouteAsync("**/staff/desk/batch/records", route => route.AbortAsync());
        await sign.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("cannot be reached");
        await page.UnrouteAsync("**/staff/desk/batch/records");
        await page.EvaluateAsync("""
            () => new Promise((done) => {
              indexedDB.open('eventledger-desk').onsuccess = (opened) => {
                const rows = opened.target.result.transaction('rows', 'readwrite').objectStore('rows');
                rows.getAll().onsuccess = (all) => {
                  for (const row of all.target.result) rows.put({ ...row, draft: { ...row.draft, exp: '2020-01-01T00:00:00.000Z' } });
                };
                rows.transaction.oncomplete = () => { opened.target.result.close(); done(); };
              };
            })
            """);
        await page.ReloadAsync();
        await sign.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Done: 1 in the ledger, 0 refused.");
        await page.Context.DisposeAsync();
    }

    private async Task Sheet(IPage page, string rows)
    {
        await page.GotoAsync(await portal.Url("/staff/desk/batch"));
        await page.GetByLabel("What is renewed").SelectOptionAsync(DeskSteps.Vct);
        await page.GetByLabel("Spreadsheet").SetInputFilesAsync(new FilePayload { Name = "renewals.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes(rows) });
        await page.GetByRole(AriaRole.Button, new() { Name = "Look at it" }).ClickAsync();
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
