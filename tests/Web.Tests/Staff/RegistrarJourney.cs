using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EventLedger.Web.Tests.Staff;

/// <summary>A registrar's work: issue, suspend, correct with a second person, check at the counter, by role and name and once by keyboard alone.</summary>
public sealed partial class RegistrarJourney(Portal portal)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_licence_is_issued_question_by_question_then_suspended_and_everybody_sees_it(bool phone)
    {
        var number = phone ? "TX-1001" : "TX-1002";
        var page = await DeskSteps.Begin(portal, phone);
        await DeskSteps.Answer(page, "Licence number", "1001");
        await Expect(page.GetByRole(AriaRole.Alert)).ToBeFocusedAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("write it like TX-1234");
        (await Portal.Faults(page)).ShouldBe("");
        await page.GetByRole(AriaRole.Alert).GetByRole(AriaRole.Link).ClickAsync();
        await Expect(page.GetByLabel("Licence number")).ToBeFocusedAsync();
        await Expect(page.GetByLabel("Licence number")).ToHaveValueAsync("1001");

        await DeskSteps.ToCheck(page, number);
        page.Url.ShouldNotContain("Rossi");
        await Expect(page.GetByText("Maria Rossi")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Change Number plate" }).ClickAsync();
        await DeskSteps.Answer(page, "Number plate", "SF 43 TX");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Check your answers" })).ToBeVisibleAsync();
        (await Portal.Faults(page)).ShouldBe("");
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on to sign" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Sign it" })).ToBeFocusedAsync();
        await Expect(page.GetByText("SF 43 TX")).ToBeVisibleAsync();
        (await Portal.Faults(page)).ShouldBe("");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign with the key in this browser" }).ClickAsync();
        var done = page.GetByRole(AriaRole.Status);
        await Expect(done).ToContainTextAsync("Licence issued");
        await Expect(done).ToContainTextAsync("The validators have sealed it");
        await Expect(done).ToBeFocusedAsync();
        (await Portal.Faults(page)).ShouldBe("");

        await (await portal.Ledger()).AllProjected();
        await Expect(await Public(number)).ToContainTextAsync("This licence is valid");
        await page.GetByRole(AriaRole.Link, new() { Name = "Print the certificate" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Img, new() { Name = "QR" })).ToBeVisibleAsync();
        var proof = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "Download the proof" }).ClickAsync());
        (await File.ReadAllTextAsync((await proof.PathAsync())!, TestContext.Current.CancellationToken)).ShouldContain("\"commit\"");
        (await Portal.Faults(page)).ShouldBe("");

        await page.GotoAsync(await portal.Url($"/staff/desk/licence/{number}"));
        await page.GetByRole(AriaRole.Link, new() { Name = "Suspend" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on to sign" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Say why");
        await page.GetByLabel("Reason").FillAsync("Insurance has lapsed");
        await DeskSteps.Sign(page);
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Licence suspended");
        await (await portal.Ledger()).AllProjected();
        await Expect(await Public(number)).ToContainTextAsync("suspended");
        await Expect(await Public(number)).ToContainTextAsync("Insurance has lapsed");
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task Double_click_back_and_reload_do_nothing_twice()
    {
        const string Number = "TX-1003";
        var page = await DeskSteps.Begin(portal);
        await DeskSteps.ToCheck(page, Number);
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on to sign" }).DblClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign with the key in this browser" }).DblClickAsync();
        await page.WaitForURLAsync("**/staff/desk/signed/**");
        await page.GoBackAsync();
        await Expect(page.GetByText("Nothing typed is here")).ToBeVisibleAsync();
        await page.ReloadAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Go on to sign" })).ToBeHiddenAsync();
        await (await portal.Ledger()).AllProjected();
        (await DeskSteps.Entries(portal, Number)).ShouldBe(1);
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task Two_cases_and_two_tabs_mix_nothing_and_what_is_not_finished_waits_in_the_queue()
    {
        var page = await DeskSteps.Begin(portal);
        await DeskSteps.Answer(page, "Licence number", "TX-1004");
        await Expect(page.GetByLabel("Number plate")).ToHaveValueAsync("");
        var other = await page.Context.NewPageAsync();
        await other.GotoAsync(await portal.Url("/staff/desk/issue"));
        await other.GetByRole(AriaRole.Link, new() { Name = DeskSteps.Title, Exact = true }).ClickAsync();
        await Expect(other.GetByLabel("Licence number")).ToHaveValueAsync("");
        await DeskSteps.Answer(other, "Licence number", "TX-1005");
        await page.GoBackAsync();
        await Expect(page.GetByLabel("Licence number")).ToHaveValueAsync("TX-1004");

        await page.GotoAsync(await portal.Url("/staff/desk/issue"));
        await page.GetByRole(AriaRole.Link, new() { Name = DeskSteps.Title, Exact = true }).ClickAsync();
        await Expect(page.GetByLabel("Licence number")).ToHaveValueAsync("");
        await DeskSteps.Answer(page, "Licence number", "TX-1008");
        await Expect(page.GetByLabel("Number plate")).ToBeVisibleAsync();
        await page.GotoAsync(await portal.Url("/staff/desk"));
        await Expect(page.GetByText("TX-1005")).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "TX-1008" }).GetByRole(AriaRole.Button).ClickAsync();
        await Expect(page.GetByText("TX-1008")).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "TX-1004" }).GetByRole(AriaRole.Link).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Check your answers" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on to sign" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Number plate: give an answer");
        await page.Context.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_correction_with_its_reason_waits_for_a_second_person_and_the_counter_then_tells_genuine_from_not(bool phone)
    {
        var number = phone ? "TX-1009" : "TX-1006";
        var page = await DeskSteps.Correction(portal, number, phone);
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("It waits for a second registrar");
        await Expect(page.GetByRole(AriaRole.Status)).ToBeFocusedAsync();
        (await Portal.Faults(page)).ShouldBe("");
        await page.ReloadAsync();
        await Expect(page.GetByText("Stands now: SF 42 TX")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Sign with the key in this browser" })).ToHaveCountAsync(0);
        (await DeskSteps.Entries(portal, number)).ShouldBe(1, "nothing counts yet");

        var second = await portal.SignedIn("registrar-2", phone, path: "/staff/desk");
        await second.GetByRole(AriaRole.Region, new() { Name = "What waits for a second registrar" }).GetByRole(AriaRole.Link, new() { Name = number }).ClickAsync();
        await Expect(second.GetByRole(AriaRole.Heading, new() { Name = "Sign it as the second registrar" })).ToBeFocusedAsync();
        foreach (var shown in new[] { "The number plate was misread", "Stands now: SF 42 TX", "SF 99 TX", "Mario Rossi" })
        {
            await Expect(second.GetByText(shown).First).ToBeVisibleAsync();
        }
        (await Portal.Faults(second)).ShouldBe("");
        await second.GetByRole(AriaRole.Button, new() { Name = "Sign with the key in this browser" }).DblClickAsync();
        await second.WaitForURLAsync("**/staff/desk/signed/**");
        await Expect(second.GetByRole(AriaRole.Status)).ToContainTextAsync("Licence corrected");
        await second.GoBackAsync();
        await Expect(second.GetByRole(AriaRole.Status)).ToContainTextAsync("Both have signed it");
        await page.ReloadAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Both have signed it");
        await (await portal.Ledger()).AllProjected();
        (await DeskSteps.Entries(portal, number)).ShouldBe(2);
        await Expect(await Public(number)).ToContainTextAsync("The number plate was misread");
        await second.Context.DisposeAsync();

        await page.GotoAsync(await portal.Url("/staff/desk/counter"));
        await page.GetByLabel("Number on the paper").FillAsync($"https://elsewhere.example/licence/{number}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Check" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("This licence is valid");
        await Expect(page.GetByRole(AriaRole.Status)).ToBeFocusedAsync();
        await Expect(page.GetByText("SF 99 TX")).ToBeVisibleAsync();
        await page.GetByLabel("Number on the paper").FillAsync("TX-9999");
        await page.GetByRole(AriaRole.Button, new() { Name = "Check" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("No such licence");
        await Expect(page.GetByRole(AriaRole.Status)).ToBeFocusedAsync();
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task A_correction_that_was_thrown_away_or_overtaken_says_so_and_changes_nothing()
    {
        const string Number = "TX-1010";
        var page = await DeskSteps.Correction(portal, Number);
        var second = await portal.SignedIn("registrar-2", path: new Uri(page.Url).AbsolutePath);
        await Expect(second.GetByRole(AriaRole.Button, new() { Name = "Sign with the key in this browser" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Throw it away" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Work queue" })).ToBeVisibleAsync();
        await second.GetByRole(AriaRole.Button, new() { Name = "Sign with the key in this browser" }).ClickAsync();
        await Expect(second.GetByRole(AriaRole.Alert)).ToContainTextAsync("No such draft waits");
        await (await portal.Ledger()).AllProjected();
        (await DeskSteps.Entries(portal, Number)).ShouldBe(1);
        await second.Context.DisposeAsync();
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task A_renewal_changes_the_end_alone_and_a_number_that_stands_is_not_issued_again()
    {
        const string Number = "TX-1011";
        var page = await DeskSteps.Begin(portal);
        await DeskSteps.ToCheck(page, Number);
        await DeskSteps.Sign(page);
        await (await portal.Ledger()).AllProjected();
        await page.GotoAsync(await portal.Url($"/staff/desk/licence/{Number}"));
        await page.GetByRole(AriaRole.Link, new() { Name = "Renew", Exact = true }).ClickAsync();
        await DeskSteps.Answer(page, "Runs until", "2032-12-31");
        await DeskSteps.Answer(page, "Driver", "Maria Rossi");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Change Runs until" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Change Number plate" })).ToHaveCountAsync(0);
        // Whatever a hand puts into the form, what stays is taken from what stands.
        await page.EvaluateAsync("document.querySelector('[name=\"f.vehicle\"]').value = 'SF 66 TX'");
        await DeskSteps.Sign(page);
        await (await portal.Ledger()).AllProjected();
        var claims = (await (await portal.Ledger()).Get($"/u2s/v1/licences/{Number}")).Body["claims"]!;
        (claims["expires"]!.ToString(), claims["vehicle"]!.ToString()).ShouldBe(("2032-12-31", "SF 42 TX"));

        await page.GotoAsync(await portal.Url("/staff/desk/issue"));
        await page.GetByRole(AriaRole.Link, new() { Name = DeskSteps.Title, Exact = true }).ClickAsync();
        await DeskSteps.ToCheck(page, Number);
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on to sign" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Renew or correct that one");
        await Expect(page.GetByText("Maria Rossi")).ToBeVisibleAsync();
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task Who_types_a_date_while_the_page_still_loads_loses_no_part_of_it()
    {
        var page = await DeskSteps.Begin(portal);
        await DeskSteps.Answer(page, "Licence number", "TX-1012");
        await DeskSteps.Answer(page, "Number plate", "SF 12 TX");
        var late = new TaskCompletionSource();
        await page.RouteAsync("**/desk.mjs*", async route =>
        {
            await late.Task;
            await route.ContinueAsync();
        });
        await DeskSteps.Answer(page, "Where it may take passengers", "Harbour");
        await Expect(page.GetByLabel("Runs until")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("1231");
        late.SetResult();
        await Expect(page.Locator("html[data-desk-ready]")).ToBeAttachedAsync();
        await page.Keyboard.TypeAsync("2031");
        await Expect(page.GetByLabel("Runs until")).ToHaveValueAsync("2031-12-31");
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task By_keyboard_alone_from_the_queue_to_the_seal()
    {
        await DeskSteps.Format(portal);
        var page = await portal.SignedIn("registrar", path: "/staff/desk");
        await Reach(page, "Issue a licence");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "What do you want to issue?" })).ToBeVisibleAsync();
        await Reach(page, DeskSteps.Title);
        await page.Keyboard.PressAsync("Enter");
        foreach (var (question, answer) in new[] { ("Licence number", "TX-1007"), ("Number plate", "SF 7"), ("Where it may take passengers", ""), ("Runs until", "12312031"), ("Driver", "A. Key") })
        {
            await Expect(page.GetByLabel(question)).ToBeFocusedAsync();
            await page.Keyboard.TypeAsync(answer);
            await page.Keyboard.PressAsync("Enter");
        }
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Check your answers" })).ToBeVisibleAsync();
        await Reach(page, "Go on to sign");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Sign it" })).ToBeFocusedAsync();
        await Reach(page, "Sign with the key in this browser");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Status)).ToBeFocusedAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("TX-1007");
        await (await portal.Ledger()).AllProjected();
        await page.GotoAsync(await portal.Url("/staff/desk"));
        await Expect(page.Locator("html[data-desk-ready]")).ToBeAttachedAsync();
        await page.Keyboard.PressAsync("j");
        (await page.EvaluateAsync<string>("document.activeElement.getAttribute('href')")).ShouldMatch(RowAddress().ToString());
        await page.Context.DisposeAsync();
    }

    private async Task<ILocator> Public(string number)
    {
        var page = await portal.Stranger($"/licence/{number}");
        return page.GetByRole(AriaRole.Main);
    }

    // Tab by tab, as a hand on the keyboard goes.
    private static async Task Reach(IPage page, string name)
    {
        for (var i = 0; i < 80; i++)
        {
            if (await page.EvaluateAsync<string>("() => (document.activeElement.textContent ?? '').replace(/\\s+/g, ' ').trim()") == name)
            {
                return;
            }
            await page.Keyboard.PressAsync("Tab");
        }
        throw new InvalidOperationException($"'{name}' is not reached by the keyboard.");
    }

    [GeneratedRegex("^/(staff/desk/(licence|waiting)|record)/")]
    private static partial Regex RowAddress();
}
