using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;

namespace EventLedger.Web.Staff;

/// <summary>A runbook of <c>docs/runbooks</c>, as it was when this host was built: what to do stands beside the alert even when no other page can be had.</summary>
/// <param name="Name">Name of the file.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Body">The rest as HTML.</param>
public sealed partial record Runbook(string Name, string Title, MarkupString Body)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyDictionary<string, Runbook> All { get; } = ReadAll();

    /// <summary>Where one is; null where there is none, so that no page leads to nothing.</summary>
    public static string? Href(string? name) => name is not null && All.ContainsKey(name) ? $"/staff/runbooks/{name}" : null;

    // The few forms that runbooks use: headings, paragraphs, numbered and dotted lists, bold and code within a line.
    internal static Runbook Read(string name, string markdown)
    {
        var (title, html) = (name, new StringBuilder());
        foreach (var block in Blocks().Split(markdown.ReplaceLineEndings("\n").Trim()))
        {
            if (block.StartsWith("# ", StringComparison.Ordinal))
            {
                title = block[2..].Trim();
                continue;
            }
            var items = Items().Matches(block);
            if (items.Count == 0)
            {
                html.Append(block.StartsWith('#') ? "<h2>" + Line(block.TrimStart('#', ' ')) + "</h2>" : "<p>" + Line(block) + "</p>");
                continue;
            }
            var list = char.IsAsciiDigit(items[0].Value[0]) ? "ol" : "ul";
            html.Append(items[0].Index > 0 ? "<p>" + Line(block[..items[0].Index]) + "</p>" : "").Append("<" + list + ">");
            foreach (Match item in items)
            {
                html.Append("<li>" + Line(item.Groups[1].Value) + "</li>");
            }
            html.Append("</" + list + ">");
        }
        return new(name, title, new(html.ToString()));
    }

    private static string Line(string text) =>
        Link().Replace(Bold().Replace(Code().Replace(WebUtility.HtmlEncode(text.Trim()), "<code>$1</code>"), "<strong>$1</strong>"), "$1");

    private static Dictionary<string, Runbook> ReadAll()
    {
        const string prefix = "runbooks/";
        var here = typeof(Runbook).Assembly;
        return here.GetManifestResourceNames().Where(n => n.StartsWith(prefix, StringComparison.Ordinal)).Select(n =>
        {
            using var file = new StreamReader(here.GetManifestResourceStream(n)!);
            return Read(n[prefix.Length..], file.ReadToEnd());
        }).ToDictionary(r => r.Name, StringComparer.Ordinal);
    }

    [GeneratedRegex(@"\n[ \t]*\n")]
    private static partial Regex Blocks();

    [GeneratedRegex(@"(?:^|\n)(?:\d+\.|[-*]) ((?:.|\n(?!\d+\. |[-*] ))*)")]
    private static partial Regex Items();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"\*\*(.+?)\*\*", RegexOptions.Singleline)]
    private static partial Regex Bold();

    [GeneratedRegex(@"\[([^\]]+)\]\([^)]*\)")]
    private static partial Regex Link();
}
