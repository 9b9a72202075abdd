using System.Text.Json;
using EventLedger.Web.Tests.Support;

namespace EventLedger.Web.Tests;

/// <summary>Every face of every public page, at phone and desktop width, light and dark.</summary>
public sealed class AccessibilityTests(SeededSite site, Browser browser)
{
    public static TheoryData<string> Pages =>
    [
        "/", "/blocks", "/block/1", "/block/2", "/block/999", "/verify", "/search?q=nothing-like-it", "/search?q=7", "/nowhere", "/problems", "/conformance", "/problems/busy",
        $"/licence/{Register.Valid}", $"/licence/{Register.Expired}", $"/licence/{Register.Suspended}", $"/licence/{Register.Waiting}",
        $"/licence/{Register.Applied}", $"/licence/{Register.Shared}", "/licence/none", "/record/7", "/record/8", "/record/999",
    ];

    [Theory, MemberData(nameof(Pages))]
    public async Task A_page_has_no_axe_violation(string path)
    {
        var axe = await File.ReadAllTextAsync(Path.Combine(ProjectDirectory(), "node_modules", "axe-core", "axe.min.js"), TestContext.Current.CancellationToken);
        foreach (var (phone, dark) in new[] { (true, false), (true, true), (false, false), (false, true) })
        {
            var page = await browser.Open(phone, dark);
            await page.GotoAsync(site.Url + path[1..]);
            await page.EvaluateAsync($"() => {{ {axe} }}");
            var violations = await page.EvaluateAsync<JsonElement>(
                "async () => (await axe.run(document, { resultTypes: ['violations'] })).violations.map(v => ({ id: v.id, nodes: v.nodes.map(n => n.html + ' ' + n.failureSummary) }))");
            violations.GetArrayLength().ShouldBe(0, $"{path} phone={phone} dark={dark}: {violations}");
            (await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth")).ShouldBeTrue($"{path} phone={phone} scrolls sideways");
            await page.Context.DisposeAsync();
        }
    }

    internal static string ProjectDirectory([System.Runtime.CompilerServices.CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
