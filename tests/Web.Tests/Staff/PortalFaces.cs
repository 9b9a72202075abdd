using EventLedger.Web.Staff.Registrar;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace EventLedger.Web.Tests.Staff;

/// <summary>What the portal says and shows on any page: when a sign-in fails, when a time changes, when a code is wrong.</summary>
public sealed class PortalFaces(Portal portal)
{
    // One that waits for a signature.
    private const string Act = "/staff/supervise/finding_opened?look=1&id=face&kind=late&text=Something";

    [Fact]
    public async Task A_sign_in_that_fails_says_so_in_the_language_of_the_page()
    {
        var page = await portal.Stranger("/staff/sign-in?failed=true");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("You were not signed in");
        await page.Context.AddCookiesAsync([new() { Name = "language", Value = "es", Url = page.Url }]);
        await page.GotoAsync(await portal.Url("/staff/sign-in"));
        await Choose(page, "no JSON");
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("Este no es un archivo de clave de este registro.");
        await Choose(page, """{"purpose":"record","jwk":{}}""");
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("Esta clave es para «record»; las personas firman con una para «operator».");
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task A_time_that_the_page_changes_is_shown_anew_in_the_place_that_the_page_knows()
    {
        var page = await portal.Stranger("/staff/sign-in");
        await page.EvaluateAsync("() => { document.querySelector('main').insertAdjacentHTML('beforeend', '<time datetime=\"2026-01-01T00:00:00.000Z\">written by the host</time>'); globalThis.place = document.querySelector('main time').firstChild; }");
        var time = page.Locator("main time");
        await Expect(time).ToContainTextAsync("2026");
        await page.EvaluateAsync("() => { place.data = 'written again'; document.querySelector('main time').dateTime = '2027-02-02T00:00:00.000Z'; }");
        await Expect(time).ToContainTextAsync("2027");
        (await page.EvaluateAsync<bool>("() => place.isConnected")).ShouldBeTrue();
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task Looking_makes_no_secret_and_a_wrong_code_asks_for_another_code_alone()
    {
        var page = await portal.SignedIn("operator-2", path: "/staff/account?add=codes");
        await page.GetByRole(AriaRole.Button, new() { Name = "One-time codes" }).ClickAsync();
        await Expect(page.GetByText("Scan this with the app")).ToBeVisibleAsync();
        await page.GetByLabel("Code of the app").FillAsync("000000");
        await page.GetByRole(AriaRole.Button, new() { Name = "Turn one-time codes on" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("take the next");
        await Expect(page.GetByLabel("Code of the app")).ToBeVisibleAsync();
        await Expect(page.GetByText("Scan this with the app")).ToHaveCountAsync(0);
        (await Portal.Faults(page)).ShouldBe("");
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task A_key_is_in_the_browser_before_the_page_of_the_sign_in_is_left()
    {
        var page = await portal.Stranger("/staff/sign-in");
        // What a page has written and not committed is lost with it.
        await page.AddInitScriptAsync("""
            let writes = 0;
            const { put } = IDBObjectStore.prototype, { submit } = HTMLFormElement.prototype;
            IDBObjectStore.prototype.put = function (...values) {
              writes++;
              this.transaction.addEventListener('complete', () => { writes--; });
              return put.apply(this, values);
            };
            HTMLFormElement.prototype.submit = function () {
              sessionStorage.setItem('writes', writes);
              submit.apply(this);
            };
            """);
        await page.GotoAsync(await portal.Url($"/staff/sign-in?next={Uri.EscapeDataString(Act)}"));
        await page.Locator("#key-file").SetInputFilesAsync(await portal.KeyOf("supervisor"));
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Sign with the key in this browser" })).ToBeVisibleAsync();
        (await page.EvaluateAsync<string>("sessionStorage.getItem('writes')")).ShouldBe("0");
        await page.Context.DisposeAsync();
    }

    [Fact]
    public async Task Whoever_has_nothing_to_sign_with_is_told_what_to_do()
    {
        var page = await portal.SignedIn("supervisor");
        await page.EvaluateAsync("() => new Promise((done, failed) => { const gone = indexedDB.deleteDatabase('eventledger-keys'); gone.onsuccess = done; gone.onerror = gone.onblocked = failed; })");
        await page.GotoAsync(await portal.Url(Act));
        await Expect(page.GetByText("This browser holds no key of yours")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Sign with the key in this browser" })).ToBeHiddenAsync();
        (await Portal.Faults(page)).ShouldBe("");
        await page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Link, new() { Name = "Your account" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Your account" })).ToBeVisibleAsync();
        await page.Context.DisposeAsync();
    }

    [Fact]
    public void Of_a_format_the_newest_version_is_issued_and_the_tenth_comes_after_the_ninth()
    {
        DeskChoice Choice(string iss, string vct) => new(iss, "Office", vct, "Permit", true, true);
        DeskChoice.Newest([Choice("a", "urn:eventledger:permit:10"), Choice("a", "urn:eventledger:permit:9"), Choice("b", "urn:eventledger:permit:9"), Choice("a", "urn:eventledger:badge:1")])
            .Select(c => $"{c.Iss} {c.Vct}").ShouldBe(["a urn:eventledger:permit:10", "b urn:eventledger:permit:9", "a urn:eventledger:badge:1"]);
    }

    private static Task Choose(IPage page, string file) =>
        page.Locator("#key-file").SetInputFilesAsync(new FilePayload { Name = "key.json", MimeType = "application/json", Buffer = System.Text.Encoding.UTF8.GetBytes(file) });
}
