using System.Globalization;
using System.Text;
using EventLedger.Web.Tests.Staff;
using EventLedger.Web.Tests.Support;
using Microsoft.Playwright;

namespace EventLedger.Web.Tests;

/// <summary>A picture of every page, for people to look at: on a desktop and a phone, light and dark, side by side. <c>./test pictures</c> takes them.</summary>
public sealed class Pictures(SeededSite site, Portal portal, Browser browser)
{
    private const int HeightMax = 1500;

    private static readonly (string Name, string Path)[] Site =
    [
        ("start", "/"), ("licence-valid", $"/licence/{Register.Valid}"), ("licence-suspended", $"/licence/{Register.Suspended}"), ("licence-waiting", $"/licence/{Register.Waiting}"),
        ("licence-applied", $"/licence/{Register.Applied}"), ("licence-shared", $"/licence/{Register.Shared}"), ("record", "/record/7"), ("record-history", "/record/7/history"), ("records", "/records"), ("block", "/block/2"), ("blocks", "/blocks"),
        ("source", $"/source/{Domain.Kernel.Digest.Of(Register.City)}"), ("directory", "/directory"), ("ledger", "/ledger"), ("search", "/search?q=Anzu"), ("verify", "/verify"), ("verify-how", "/verify/how"),
        ("report", "/report"), ("conformance", "/conformance"), ("missing", "/nowhere"),
    ];

    // A language once chosen stays: these are last.
    private static readonly (string Name, string Path)[] Tongues =
        [("licence-spanish", $"/licence/{Register.Valid}?lang=es"), ("licence-mirrored", $"/licence/{Register.Valid}?lang=ar-XB")];

    private static readonly (string Name, string Path)[] Registrar =
    [
        ("registrar-home", "/staff"), ("queue", "/staff/desk"), ("issue", "/staff/desk/issue"), ("issue-question", "/staff/desk/issue?vct=urn:eventledger:mobile-food-permit:1&d=tour&q=permit"),
        ("issue-mistake", "/staff/desk/issue?vct=urn:eventledger:mobile-food-permit:1&d=tour&q=permit&wrong=pattern"),
        ("issue-check", "/staff/desk/issue?vct=urn:eventledger:mobile-food-permit:1&act=correct&number=21MFF-00015&d=tour2&q=check"), ("licence", "/staff/desk/licence/21MFF-00015"),
        ("revoke", "/staff/desk/licence/21MFF-00015/revoked"), ("certificate", "/staff/desk/certificate/21MFF-00015"), ("counter", "/staff/desk/counter?number=21MFF-00015"), ("batch", "/staff/desk/batch"),
        ("signed", "/staff/desk/signed/30"),
        ("catalogue", "/staff/catalogue"), ("query", "/staff/query?format=mobile-food-permit&f1=facilityType&o1=eq&v1=Truck"), ("queries", "/staff/queries"), ("lineage", "/staff/lineage?id=30"), ("access", "/staff/access"),
        ("webhooks", "/staff/webhooks"), ("account", "/staff/account"), ("not-for-you", "/staff/not-for-you"),
    ];

    private static readonly (string Name, string Path)[] Operator =
    [
        ("operator-home", "/staff"), ("health", "/staff/health"), ("runbook", "/staff/runbooks/validator-down"), ("acts", "/staff/requests"), ("sources", "/staff/sources"), ("formats", "/staff/formats"),
        ("format", "/staff/formats/mobile-food-permit"), ("format-bench", "/staff/formats/try"), ("sectors", "/staff/directory"), ("grants", "/staff/grants?format=mobile-food-permit"), ("people", "/staff/people"),
        ("validators", "/staff/validators"), ("parameters", "/staff/parameters"), ("keys", "/staff/keys"), ("configuration", "/staff/configuration"), ("object", "/staff/objects/organisations/public-works"),
        ("act-role", "/staff/act/bind/role"),
    ];

    private static readonly (string Name, string Path)[] Supervisor =
    [
        ("supervisor-home", "/staff"), ("live", "/staff/live?from=1"), ("board-collection", "/staff/boards?range=1h"), ("board-sealing", "/staff/boards/sealing?range=1h"),
        ("board-delivery", "/staff/boards/delivery?range=1h"), ("times", "/staff/times?range=1h"), ("audits", "/staff/audits"), ("audit-new", "/staff/audits/new"), ("audit", "/staff/audits/spring"),
        ("consistency", "/staff/consistency"), ("findings", "/staff/findings"), ("finding", "/staff/findings/late-readings"), ("finding-sign", "/staff/supervise/finding_opened?look=1&id=second&kind=late&text=Again"),
        ("alerts", "/staff/alerts"), ("accesses", "/staff/accesses"), ("scorecards", "/staff/scorecards"), ("evidence", "/staff/evidence"), ("events", "/staff/events"), ("event", "/staff/events/30"),
        ("staff-search", "/staff/search?q=taco"),
    ];

    [Fact]
    public async Task Every_page_on_a_desktop_and_a_phone_light_and_dark()
    {
        if (Environment.GetEnvironmentVariable("EVENTLEDGER_PICTURES") is not { Length: > 0 } directory)
        {
            Assert.Skip("Taken by ./test pictures.");
            return;
        }
        var index = new StringBuilder("""
            # Every page

            Taken by `./test pictures`: each page on a desktop and a phone, light and dark. The public pages show a small register with a licence in each state, the staff portal the sample register.

            """);
        (string Name, string Path)[] @public = [.. Site, ("report-answer", await Report()), .. Tongues];
        await Walk(directory, index, "For everybody", @public, (phone, dark) => browser.Open(phone, dark), path => Task.FromResult(site.Url + path[1..]));
        (string Name, string Path)[] @operator = [.. Operator, ("act-drafted", await Draft()), ("source-staff", await First("operator-1", "/staff/sources", "/staff/sources/"))];
        await Findings();
        (string Name, string Path)[] supervisor = [.. Supervisor, ("scorecard", await First("supervisor", "/staff/scorecards?range=1h", "/staff/scorecards/"))];
        await Walk(directory, index, "For everybody who signs in", [("sign-in", "/staff/sign-in")], (phone, dark) => browser.Open(phone, dark), portal.Url);
        (string Name, string Path)[] registrar = [.. Registrar, ("waiting", await Waiting()), ("webhook", await Webhook())];
        await Walk(directory, index, "Registrars and users of data", registrar, (phone, dark) => portal.SignedIn("registrar", phone, dark), portal.Url);
        await Walk(directory, index, "The second registrar of a correction", [("countersign", registrar.First(p => p.Name == "waiting").Path)], (phone, dark) => portal.SignedIn("registrar-2", phone, dark), portal.Url);
        await Walk(directory, index, "Operators", @operator, (phone, dark) => portal.SignedIn("operator-1", phone, dark), portal.Url);
        await Walk(directory, index, "Supervisors", supervisor, (phone, dark) => portal.SignedIn("supervisor", phone, dark), portal.Url);
        await File.WriteAllTextAsync(Path.Combine(directory, "README.md"), index.ToString(), TestContext.Current.CancellationToken);
    }

    private static async Task Walk(string directory, StringBuilder index, string title, (string Name, string Path)[] pages, Func<bool, bool, Task<IPage>> open, Func<string, Task<string>> address)
    {
        index.Append(CultureInfo.InvariantCulture, $"\n## {title}\n");
        IPage[] views = [await open(false, false), await open(false, true), await open(true, false), await open(true, true)];
        foreach (var (name, path) in pages)
        {
            var shots = new List<string>();
            foreach (var view in views)
            {
                await view.GotoAsync(await address(path), new() { WaitUntil = WaitUntilState.Load });
                // What fills itself in, a plot or a feed, has done so by then.
                await view.WaitForTimeoutAsync(400);
                var (width, height) = (view.ViewportSize!.Width, Math.Min(HeightMax, await view.EvaluateAsync<int>("document.documentElement.scrollHeight")));
                shots.Add($"data:image/png;base64,{Convert.ToBase64String(await view.ScreenshotAsync(new() { FullPage = true, Clip = new() { Width = width, Height = height } }))}");
            }
            await File.WriteAllBytesAsync(Path.Combine(directory, $"{name}.webp"), await SideBySide(views[0], shots));
            index.Append(CultureInfo.InvariantCulture, $"\n### `{path}`\n\n![{name}: desktop light, desktop dark, phone light, phone dark]({name}.webp)\n");
        }
        foreach (var view in views)
        {
            await view.Context.DisposeAsync();
        }
    }

    // A blank page of the same browser draws them onto one canvas.
    private static async Task<byte[]> SideBySide(IPage any, IReadOnlyList<string> shots)
    {
        var page = await any.Context.Browser!.NewPageAsync();
        var drawn = await page.EvaluateAsync<string>("""
            async (urls) => {
              const [scale, gap] = [0.62, 20];
              const images = await Promise.all(urls.map(async url => { const image = new Image(); image.src = url; await image.decode(); return image; }));
              const size = n => Math.round(n * scale);
              const canvas = document.createElement('canvas');
              canvas.width = images.reduce((sum, i) => sum + size(i.width) + gap, gap);
              canvas.height = Math.max(...images.map(i => size(i.height))) + 2 * gap;
              const pen = canvas.getContext('2d');
              pen.imageSmoothingQuality = 'high';
              pen.fillStyle = '#8b919c';
              pen.fillRect(0, 0, canvas.width, canvas.height);
              let x = gap;
              for (const image of images) {
                pen.drawImage(image, x, gap, size(image.width), size(image.height));
                x += size(image.width) + gap;
              }
              return canvas.toDataURL('image/webp', 0.72);
            }
            """, shots);
        await page.Context.DisposeAsync();
        return Convert.FromBase64String(drawn[(drawn.IndexOf(',', StringComparison.Ordinal) + 1)..]);
    }

    private async Task<string> Report()
    {
        var page = await browser.Open();
        await page.GotoAsync($"{site.Url}report");
        await page.GetByLabel("What is wrong?").FillAsync("The van at the pier shows a licence number that is not here.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send the report" }).ClickAsync();
        await page.WaitForURLAsync("**/report/*");
        return new Uri(page.Url).AbsolutePath;
    }

    private async Task<string> Waiting()
    {
        var page = await DeskSteps.Correction(portal, "TX-1030");
        return new Uri(page.Url).AbsolutePath;
    }

    private async Task<string> Webhook()
    {
        var page = await portal.SignedIn("registrar", path: "/staff/webhooks");
        await page.GetByLabel("Address").FillAsync("https://hooks.example/ledger");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add it" }).ClickAsync();
        await page.WaitForURLAsync("**/staff/webhooks/*");
        return new Uri(page.Url).AbsolutePath;
    }

    private async Task<string> Draft()
    {
        var page = await portal.SignedIn("operator-1");
        await ActSteps.Look(portal, page, "harbour", "Harbour authority");
        await page.GetByRole(AriaRole.Button, new() { Name = "Draft it and go on to sign" }).ClickAsync();
        await page.WaitForURLAsync(ActSteps.RequestAddress());
        return new Uri(page.Url).AbsolutePath;
    }

    private async Task Findings()
    {
        var ledger = await portal.Ledger();
        var key = await portal.KeyOf("supervisor");
        var height = (await ledger.Head()).Height;
        await ledger.MustRun("supervise", "audit", "spring", "--sample", "50", "--seed-height", $"{height + 1}", "--url", ledger.Url.ToString(), "--key", key);
        var page = await portal.SignedIn("supervisor", path: "/staff/supervise/finding_opened?look=1&id=late-readings&kind=late&text=Two%20readings%20came%20a%20day%20late&seq=30");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign with the key in this browser" }).ClickAsync();
        await page.GetByText("Done, and written under your name").WaitForAsync();
        await page.Context.DisposeAsync();
    }

    private async Task<string> First(string who, string list, string start)
    {
        var page = await portal.SignedIn(who, path: list);
        var path = await page.Locator($"main a[href^='{start}']").First.GetAttributeAsync("href");
        await page.Context.DisposeAsync();
        return path!;
    }
}
