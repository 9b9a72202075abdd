using System.Text.RegularExpressions;
using EventLedger.Web.Site;

namespace EventLedger.Web.Tests;

/// <summary>Every text of the pages has its Spanish, with the same values in it.</summary>
public sealed partial class WordsTests
{
    [Fact]
    public void Every_text_of_every_page_has_its_Spanish()
    {
        var texts = Texts().ToList();
        texts.Count.ShouldBeGreaterThan(300, "the pages were not found");
        new Tongue().Missing(texts).ShouldBeEmpty();
    }

    [Fact]
    public void A_text_without_Spanish_is_found() => new Tongue().Missing(["Nobody has ever written this"]).ShouldHaveSingleItem();

    [Fact]
    public void A_text_in_a_page_is_found_whatever_stands_around_it() => Text().Matches("""<p title="@T["One"]">@(T["Two {0}", n])</p> words["Three"]""")
        .Select(m => m.Groups[1].Value).ShouldBe(["One", "Two {0}", "Three"]);

    [Fact]
    public void A_translation_has_the_values_of_its_English()
    {
        var tongue = new Tongue();
        using var _ = new Speaking("es");
        Texts().Where(t => !Values(t).SequenceEqual(Values(tongue[t]))).ShouldBeEmpty();
    }

    [Fact]
    public void The_mirror_marks_every_text_and_leaves_its_values()
    {
        using var _ = new Speaking("ar-XB");
        new Tongue()["As of {0}", 7].ShouldBe("⟦As óf 7⟧");
        Tongue.Direction.ShouldBe("rtl");
    }

    internal static IEnumerable<string> Texts() => new[] { "*.razor", "*.cs" }
        .SelectMany(kind => Directory.EnumerateFiles(Path.Combine(AccessibilityTests.ProjectDirectory(), "..", "..", "src", "Web"), kind, SearchOption.AllDirectories))
        .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal))
        .SelectMany(f => Text().Matches(File.ReadAllText(f)).Select(m => Regex.Unescape(m.Groups[1].Value))).Distinct();

    private static IEnumerable<string> Values(string text) => Value().Matches(text).Select(m => m.Value).Distinct().Order(StringComparer.Ordinal);

    [GeneratedRegex("""\b(?:T|words)\["((?:[^"\\]|\\.)+)["]""")]
    private static partial Regex Text();

    [GeneratedRegex("""\{\d\}""")]
    private static partial Regex Value();

    private sealed class Speaking : IDisposable
    {
        private readonly System.Globalization.CultureInfo before = System.Globalization.CultureInfo.CurrentUICulture;

        public Speaking(string language) => System.Globalization.CultureInfo.CurrentUICulture = System.Globalization.CultureInfo.GetCultureInfo(language);

        public void Dispose() => System.Globalization.CultureInfo.CurrentUICulture = before;
    }
}
