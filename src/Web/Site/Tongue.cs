using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace EventLedger.Web.Site;

/// <summary>
/// The site's words in the reader's language. English stands in the pages themselves and is the key; the files <c>Words/es.*.json</c> have the Spanish for it. The third
/// is no language but a check: English with marks, written from right to left, so that a text that nobody can translate and a box that cannot turn are seen.
/// </summary>
public sealed class Tongue
{
    /// <summary>What a reader may choose, in that language's own name.</summary>
    public static readonly FrozenDictionary<string, string> Names = new Dictionary<string, string> { ["en"] = "English", ["es"] = "Español", [Mirror] = "‮Mirror‬" }.ToFrozenDictionary();

    /// <summary>The languages that a page names; the check is named only to whoever is in it.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Offered => Names.Where(n => n.Key != Mirror || Lang == Mirror).OrderBy(n => n.Key, StringComparer.Ordinal);

    /// <summary>The cookie that keeps the choice.</summary>
    public const string Cookie = "language";

    private const string Mirror = "ar-XB";
    private readonly FrozenDictionary<string, string> spanish = Read("es");

    /// <summary>The reader's language, as <c>lang</c> has it.</summary>
    public static string Lang => Names.ContainsKey(CultureInfo.CurrentUICulture.Name) ? CultureInfo.CurrentUICulture.Name : CultureInfo.CurrentUICulture.TwoLetterISOLanguageName;

    /// <summary>Which way the reader's language runs.</summary>
    public static string Direction => Lang == Mirror ? "rtl" : "ltr";

    /// <summary>English texts that have no Spanish.</summary>
    public IEnumerable<string> Missing(IEnumerable<string> english) => english.Where(e => !spanish.ContainsKey(e));

    /// <summary>A text; <c>{0}</c> and so on stand for values.</summary>
    public string this[string english, params object?[] values]
    {
        get
        {
            var text = Lang switch { "es" => spanish.GetValueOrDefault(english, english), Mirror => Mark(english), _ => english };
            return values.Length == 0 ? text : string.Format(CultureInfo.CurrentCulture, text, values);
        }
    }

    // Marks letters but leaves {0} alone.
    private static string Mark(string english)
    {
        var (marked, inside) = (new StringBuilder("⟦"), false);
        foreach (var c in english)
        {
            inside = c == '{' || (inside && c != '}');
            marked.Append(c switch { _ when inside => c, 'a' => 'á', 'e' => 'é', 'i' => 'í', 'o' => 'ó', 'u' => 'ú', _ => c });
        }
        return marked.Append('⟧').ToString();
    }

    private static FrozenDictionary<string, string> Read(string language)
    {
        var here = typeof(Tongue).Assembly;
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in here.GetManifestResourceNames().Where(n => n.StartsWith($"words/{language}.", StringComparison.Ordinal)))
        {
            using var file = here.GetManifestResourceStream(name)!;
            foreach (var (english, other) in JsonSerializer.Deserialize<Dictionary<string, string>>(file)!)
            {
                all[english] = other;
            }
        }
        return all.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
