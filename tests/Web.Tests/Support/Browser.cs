using EventLedger.Conformance.Support;
using Microsoft.Playwright;

namespace EventLedger.Web.Tests.Support;

/// <summary>Debian's chromium, started once.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string[] Flags =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    // Milliseconds: a machine whose disk stalls for half a minute is no fault of a page.
    private const float Patience = 90_000;

    private static readonly ViewportSize Phone = new() { Width = 360, Height = 740 }, Desktop = new() { Width = 1280, Height = 900 };

    // axe-core, in a function: a page that nobody checks pays for the reading alone.
    private static readonly Lazy<string> Axe =
        new(() => $"globalThis.bringAxe = () => {{ {File.ReadAllText(Path.Combine(Child.Root, "tests", "Web.Tests", "node_modules", "axe-core", "axe.min.js"))} }};");

    private IPlaywright playwright = null!;
    private IBrowser browser = null!;

    public async ValueTask InitializeAsync()
    {
        Assertions.SetDefaultExpectTimeout(Patience);
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = "/usr/bin/chromium", Args = Flags });
    }

    /// <summary>A fresh page, as wide as a phone or a desktop.</summary>
    public async Task<IPage> Open(bool phone = false, bool dark = false, bool script = true, bool forced = false)
    {
        var context = await browser.NewContextAsync(new()
        {
            ViewportSize = phone ? Phone : Desktop,
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            ForcedColors = forced ? ForcedColors.Active : ForcedColors.None,
            JavaScriptEnabled = script,
            BypassCSP = false,
        });
        context.SetDefaultTimeout(Patience);
        if (script)
        {
            await context.AddInitScriptAsync(Axe.Value);
        }
        return await context.NewPageAsync();
    }

    /// <summary>Has an open page look otherwise.</summary>
    public static async Task Show(IPage page, bool phone, bool dark, bool forced)
    {
        await page.EmulateMediaAsync(new() { ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light, ForcedColors = forced ? ForcedColors.Active : ForcedColors.None });
        await page.SetViewportSizeAsync(phone ? Phone.Width : Desktop.Width, phone ? Phone.Height : Desktop.Height);
    }

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
    }
}
