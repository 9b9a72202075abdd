using EventLedger.Web.Tests.Staff;
using EventLedger.Web.Tests.Support;
using Microsoft.Playwright;

namespace EventLedger.Web.Tests;

/// <summary>Every face of every public page: at phone and desktop width, light, dark and in forced colours, in each language and from right to left.</summary>
public sealed class AccessibilityTests(SeededSite site, AccessibilityTests.Readers readers) : IClassFixture<AccessibilityTests.Readers>
{
    private static readonly string City = $"/source/{Domain.Kernel.Digest.Of(Register.City)}";

    public static TheoryData<string> Pages =>
    [
        "/", "/blocks", "/block/1", "/block/2", "/block/999", "/verify", "/verify/how", "/search?q=nothing-like-it", "/search?q=7", "/search?q=Anzu", "/nowhere", "/problems", "/conformance",
        "/problems/busy", $"/licence/{Register.Valid}", $"/licence/{Register.Expired}", $"/licence/{Register.Suspended}", $"/licence/{Register.Waiting}",
        $"/licence/{Register.Applied}", $"/licence/{Register.Shared}", "/licence/none", "/record/7", "/record/8", "/record/999", "/record/7/history", "/records", "/records?format=permit",
        "/records?after=x", City, "/source/none", "/directory", "/ledger", "/report", "/report/none",
    ];

    /// <summary>What is looked at: a language and in it phone, dark, forced colours. Each value of each meets the others somewhere.</summary>
    private static readonly (string Language, (bool Phone, bool Dark, bool Forced)[] Looks)[] Faces =
    [
        ("en", [(true, false, false), (false, true, false), (true, false, true)]), ("es", [(true, true, false), (false, false, false)]), ("ar-XB", [(true, false, false), (false, true, true)]),
    ];

    [Theory, MemberData(nameof(Pages))]
    public async Task A_page_has_no_axe_violation(string path)
    {
        foreach (var (language, looks) in Faces)
        {
            var page = await readers.Of(language);
            await page.GotoAsync(site.Url + path[1..]);
            (await page.EvaluateAsync<string>("document.documentElement.lang")).ShouldBe(language);
            foreach (var (phone, dark, forced) in looks)
            {
                await Browser.Show(page, phone, dark, forced);
                (await Portal.Faults(page)).ShouldBe("", $"{path} phone={phone} dark={dark} forced={forced} {language}");
            }
        }
    }

    [Theory, MemberData(nameof(Pages))]
    public async Task A_page_leaves_no_English_behind_when_the_mirror_is_held_to_it(string path)
    {
        var page = await readers.Of("ar-XB", script: false);
        await page.GotoAsync(site.Url + path[1..]);
        // What people wrote into records, code, names, addresses, and what says by itself that it is English, is nobody's to translate.
        var left = await page.EvaluateAsync<string[]>("""
            () => {
              const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
              const data = 'code, pre, time, bdi, [lang=en], .languages, .records, .facts dd, .facts dt, .signers, .kind, option, svg, .downloads, script, noscript';
              const text = node => node.textContent.replace(/\s+/g, ' ').trim();
              while (walk.nextNode()) {
                const parent = walk.currentNode.parentElement;
                if (parent.closest(data)) continue;
                const said = text(parent.closest('p, li, a, button, label, summary, strong, th, td, dt, dd, div') ?? parent);
                if (/[a-z]{3}/i.test(text(walk.currentNode)) && !said.includes('⟦')) found.push(said);
              }
              return found;
            }
            """);
        left.ShouldBeEmpty(path);
    }

    /// <summary>One page a language, which goes from test to test: a new one each time has to read axe-core anew, and that is most of the time.</summary>
    public sealed class Readers(SeededSite site, Browser browser) : IAsyncDisposable
    {
        private readonly Dictionary<(string, bool), IPage> open = [];

        internal async Task<IPage> Of(string language, bool script = true)
        {
            if (!open.TryGetValue((language, script), out var page))
            {
                open[(language, script)] = page = await browser.Open(script: script);
                await page.Context.AddCookiesAsync([new() { Name = "language", Value = language, Url = site.Url }]);
            }
            return page;
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var page in open.Values)
            {
                await page.Context.DisposeAsync();
            }
        }
    }

    internal static string ProjectDirectory() => Path.GetDirectoryName(Here())!;

    // Asked in this file, whoever asks: the path is that of the caller.
    private static string Here([System.Runtime.CompilerServices.CallerFilePath] string here = "") => here;
}
