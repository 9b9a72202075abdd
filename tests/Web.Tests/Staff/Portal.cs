using EventLedger.Conformance.Support;
using EventLedger.Web.Tests.Support;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(EventLedger.Web.Tests.Staff.Portal))]

namespace EventLedger.Web.Tests.Staff;

/// <summary>
/// The portal with everything behind it as ./run has it: PostgreSQL, four validators, the host, the sample register, and a person a role. It is started when the first test
/// asks for it.
/// </summary>
public sealed class Portal : IAsyncLifetime
{
    private readonly Browser browser = new();
    private readonly SemaphoreSlim starting = new(1, 1);
    private TestLedger? ledger;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>The whole ledger.</summary>
    internal async Task<TestLedger> Ledger()
    {
        await starting.WaitAsync();
        try
        {
            if (ledger is null)
            {
                await browser.InitializeAsync();
                ledger = await TestLedger.Start();
                await ledger.MustRun("sample", "--data", ledger.Data);
                await ledger.AllSealed();
                await ledger.AllProjected();
            }
            return ledger;
        }
        finally
        {
            starting.Release();
        }
    }

    /// <summary>Where the portal is.</summary>
    public async Task<string> Url(string path) => new Uri((await Ledger()).Url, path).ToString();

    /// <summary>A person's key file: <c>operator-1</c>, <c>operator-2</c>, <c>supervisor</c>, <c>registrar</c> or <c>notary</c>.</summary>
    public async Task<string> KeyOf(string who) => Path.Combine((await Ledger()).Data, who.StartsWith("operator", StringComparison.Ordinal) ? "operators" : "people", who + ".json");

    /// <summary>A fresh page of a person who has signed in.</summary>
    public async Task<IPage> SignedIn(string who, bool phone = false, bool dark = false, bool forced = false, string path = "/staff", string? language = null)
    {
        var home = (await Ledger()).Url.ToString();
        var page = await browser.Open(phone, dark, forced: forced);
        if (language is not null)
        {
            await page.Context.AddCookiesAsync([new() { Name = "language", Value = language, Url = home }]);
        }
        await page.GotoAsync(await Url($"/staff/sign-in?next={Uri.EscapeDataString(path)}"));
        await page.Locator("#key-file").SetInputFilesAsync(await KeyOf(who));
        try
        {
            await page.WaitForURLAsync(url => !url.Contains("/staff/sign-in", StringComparison.Ordinal));
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{who} was not signed in; {page.Url} shows: {await page.Locator("body").InnerTextAsync()}", e);
        }
        return page;
    }

    /// <summary>A page of somebody whom the portal does not know.</summary>
    public async Task<IPage> Stranger(string path)
    {
        await Ledger();
        var page = await browser.Open();
        await page.GotoAsync(await Url(path));
        return page;
    }

    /// <summary>What axe-core finds on a page, and whether it scrolls sideways; nothing when all is well.</summary>
    public static async Task<string> Faults(IPage page)
    {
        var found = await page.EvaluateAsync<string[]>("""
            async () => {
              globalThis.axe ?? bringAxe();
              const { violations } = await axe.run(document, { resultTypes: ['violations'] });
              const sideways = document.documentElement.scrollWidth > innerWidth ? ['it scrolls sideways'] : [];
              return [...violations.map(v => v.id + ': ' + v.nodes.map(n => n.html + ' ' + n.failureSummary).join(' | ')), ...sideways];
            }
            """);
        return string.Join('\n', found);
    }

    public async ValueTask DisposeAsync()
    {
        if (ledger is not null)
        {
            await browser.DisposeAsync();
            await ledger.DisposeAsync();
        }
        starting.Dispose();
    }
}
