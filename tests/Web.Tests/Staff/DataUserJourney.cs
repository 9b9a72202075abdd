using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EventLedger.Web.Tests.Staff;

/// <summary>A data user's work: find what there is, ask, keep the question, take all rows, see where a record comes from, ask for more.</summary>
public sealed class DataUserJourney(Portal portal)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task From_the_catalogue_to_all_rows_and_where_they_come_from(bool phone)
    {
        var page = await portal.SignedIn("registrar", phone, path: "/staff/catalogue");
        await page.GetByRole(AriaRole.Link, new() { Name = "Query it" }).First.ClickAsync();
        await page.GetByLabel("Records of").SelectOptionAsync("mobile-food-permit");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask" }).ClickAsync();
        var status = page.GetByRole(AriaRole.Status);
        await Expect(status).ToContainTextAsync("as of block");
        await Expect(status).ToContainTextAsync(" records");
        var all = await Number(status);

        var first = page.GetByRole(AriaRole.Group, new() { Name = "Condition 1" });
        await first.GetByLabel("Field").SelectOptionAsync("facilityType");
        await first.GetByLabel("Value").FillAsync("Truck");
        await page.GetByLabel("Sorted by").SelectOptionAsync("-permit");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Columnheader, new() { Name = "Permit number" })).ToHaveAttributeAsync("aria-sort", "descending");
        await Expect(status).ToContainTextAsync(" records");
        var trucks = await Number(page.GetByRole(AriaRole.Status));
        trucks.ShouldBeInRange(1, all - 1);
        page.Url.ShouldContain("v1=Truck");
        var record = await page.GetByRole(AriaRole.Rowheader).First.InnerTextAsync();

        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "All rows as CSV" }).ClickAsync());
        (await File.ReadAllLinesAsync((await download.PathAsync())!, TestContext.Current.CancellationToken)).Length.ShouldBe((int)trucks + 1);

        var title = $"Trucks {(phone ? "on the phone" : "at the desk")}";
        await page.GetByLabel("Its name").FillAsync(title);
        await page.GetByRole(AriaRole.Button, new() { Name = "Keep it" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Rowheader).Filter(new() { HasText = title })).ToBeVisibleAsync();
        (await Portal.Faults(page)).ShouldBe("");

        await page.GotoAsync(await portal.Url($"/staff/lineage?id={record}"));
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Every step holds");
        await Expect(page.GetByRole(AriaRole.Rowheader, new() { Name = "sealed" })).ToBeVisibleAsync();
        (await Portal.Faults(page)).ShouldBe("");
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task What_is_asked_for_gets_a_number_and_nothing_typed_is_lost_when_the_host_is_away()
    {
        var page = await portal.SignedIn("registrar", path: "/staff/access");
        await page.GetByLabel("What do you ask for?").SelectOptionAsync("dispute");
        await page.GetByLabel("In your words").FillAsync("Names of holders, for inspections.");
        var ledger = await portal.Ledger();
        await page.RouteAsync("**/health/live", route => route.AbortAsync());
        await page.GetByRole(AriaRole.Button, new() { Name = "Send it" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("nothing was done");
        await page.UnrouteAsync("**/health/live");
        await page.ReloadAsync();
        await Expect(page.GetByLabel("In your words")).ToHaveValueAsync("Names of holders, for inspections.");
        await Expect(page.GetByLabel("What do you ask for?")).ToHaveValueAsync("dispute");

        var before = await ledger.Scalar("select count(*) from host.cases");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send it" }).DblClickAsync();
        var done = page.GetByRole(AriaRole.Status);
        await Expect(done).ToContainTextAsync("Your request has a number");
        await Expect(done).ToBeFocusedAsync();
        (await ledger.Scalar("select count(*) from host.cases")).ShouldBe(before + 1);
        await Expect(page.GetByLabel("In your words")).ToHaveValueAsync("");
        (await Portal.Faults(page)).ShouldBe("");
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task Whoever_has_a_role_keeps_webhooks_of_their_own_and_a_search_leads_to_pages()
    {
        var page = await portal.SignedIn("notary", path: "/staff/webhooks");
        await Expect(page.GetByText("You have no webhook yet.")).ToBeVisibleAsync();
        await page.GetByLabel("Address").FillAsync("http://10.0.0.1/inbox");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add it" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("https");

        var source = (await (await portal.Ledger()).Get("/u2s/v1/records?state=sealed&limit=1")).Body["items"]![0]!["issuer"]!["name"]!.GetValue<string>();
        await page.GotoAsync(await portal.Url($"/staff/search?q={Uri.EscapeDataString(source)}"));
        await page.GetByRole(AriaRole.Link, new() { Name = source }).First.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = source })).ToBeVisibleAsync();
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task What_one_person_has_typed_is_not_shown_to_the_next()
    {
        var page = await portal.SignedIn("registrar", path: "/staff/access");
        await page.GetByLabel("In your words").FillAsync("For my eyes.");
        // The session ends by itself; somebody else signs in at the same tab.
        await page.Context.ClearCookiesAsync();
        await page.GotoAsync(await portal.Url($"/staff/sign-in?next={Uri.EscapeDataString("/staff/access")}"));
        await page.Locator("#key-file").SetInputFilesAsync(await portal.KeyOf("operator-1"));
        await page.WaitForURLAsync("**/staff/access");
        await Expect(page.GetByLabel("In your words")).ToHaveValueAsync("");
        await page.Context.DisposeAsync();
    }

    private static async Task<long> Number(ILocator status) => long.Parse(string.Concat((await status.Locator("strong").InnerTextAsync()).Where(char.IsDigit)), System.Globalization.CultureInfo.InvariantCulture);
}
