using EventLedger.Web.Tests.Support;

namespace EventLedger.Web.Tests;

/// <summary>Pictures of the pages, for people to look at: <c>./test pictures</c>.</summary>
public sealed class Pictures(SeededSite site, Browser browser)
{
    private static readonly (string Name, string Path)[] Pages =
    [
        ("start", "/"), ("licence-valid", $"/licence/{Register.Valid}"), ("licence-suspended", $"/licence/{Register.Suspended}"),
        ("licence-waiting", $"/licence/{Register.Waiting}"), ("licence-applied", $"/licence/{Register.Applied}"), ("licence-shared", $"/licence/{Register.Shared}"),
        ("record", "/record/7"), ("record-history", "/record/7/history"), ("block", "/block/2"), ("source", $"/source/{Domain.Kernel.Digest.Of(Register.City)}"), ("directory", "/directory"),
        ("ledger", "/ledger"), ("search", "/search?q=Anzu"), ("verify", "/verify"), ("verify-how", "/verify/how"), ("report", "/report"), ("licence-spanish", $"/licence/{Register.Valid}?lang=es"), ("missing", "/nowhere"),
    ];

    [Fact]
    public async Task Every_page_at_phone_and_desktop_width_light_and_dark()
    {
        if (Environment.GetEnvironmentVariable("EVENTLEDGER_PICTURES") is not { Length: > 0 } directory)
        {
            Assert.Skip("Taken by ./test pictures.");
            return;
        }
        foreach (var (phone, dark) in new[] { (true, false), (false, false), (true, true), (false, true) })
        {
            var page = await browser.Open(phone, dark);
            foreach (var (name, path) in Pages)
            {
                await page.GotoAsync(site.Url + path[1..]);
                await page.ScreenshotAsync(new() { Path = $"{directory}/{name}-{(phone ? "phone" : "desktop")}{(dark ? "-dark" : "")}.png", FullPage = true });
            }
        }
    }
}
