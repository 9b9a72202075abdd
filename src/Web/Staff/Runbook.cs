using System.Text.RegularExpressions;

namespace EventLedger.Web.Staff;

/// <summary>A stretch of text within a line.</summary>
/// <param name="Text">The text.</param>
/// <param name="Kind"><c>code</c>, <c>strong</c>, or null for plain.</param>
public sealed record Stretch(string Text, string? Kind);

/// <summary>A paragraph, a heading or a list of a runbook.</summary>
/// <param name="Kind"><c>p</c>, <c>h2</c>, <c>ol</c> or <c>ul</c>.</param>
/// <param name="Lines">One line; of a list, one an item.</param>
public sealed record Passage(string Kind, IReadOnlyList<IReadOnlyList<Stretch>> Lines);

/// <summary>A runbook of <c>docs/runbooks</c>, as it was when this host was built: what to do stands beside the alert even when no other page can be had.</summary>
/// <param name="Name">Name of the file.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Passages">The rest.</param>
public sealed partial record Runbook(string Name, string Title, IReadOnlyList<Passage> Passages)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyDictionary<string, Runbook> All { get; } = ReadAll();

    /// <summary>Where one is; null where there is none, so that no page leads to nothing.</summary>
    public static string? Href(string? name) => name is not null && All.ContainsKey(name) ? $"/staff/runbooks/{name}" : null;

    // The few forms that runbooks use: headings, paragraphs, numbered and dotted lists, bold and code within a line.
    internal static Runbook Read(string name, string markdown)
    {
        var (title, passages) = (name, new List<Passage>());
        foreach (var block in Blocks().Split(markdown.ReplaceLineEndings("\n").Trim()))
        {
            var items = Items().Matches(block);
            if (block.StartsWith("# ", StringComparison.Ordinal))
            {
                title = block[2..].Trim();
            }
            else if (items.Count == 0)
            {
                passages.Add(new(block.StartsWith('#') ? "h2" : "p", [Line(block.TrimStart('#', ' '))]));
            }
            else
            {
                if (items[0].Index > 0)
                {
                    passages.Add(new("p", [Line(block[..items[0].Index])]));
                }
                passages.Add(new(char.IsAsciiDigit(items[0].Value.TrimStart()[0]) ? "ol" : "ul", [.. items.Select(i => Line(i.Groups[1].Value))]));
            }
        }
        return new(name, title, passages);
    }

    private static IReadOnlyList<Stretch> Line(string text) => [.. Marks().Split(Links().Replace(text.Trim(), "$1")).Where(s => s.Length > 0).Select(s =>
        s.Length > 2 && s[0] == '`' ? new Stretch(s.Trim('`'), "code") : s.StartsWith("**", StringComparison.Ordinal) ? new(s.Trim('*'), "strong") : new(s, null))];

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

    [GeneratedRegex(@"(`[^`]+`|\*\*.+?\*\*)", RegexOptions.Singleline)]
    private static partial Regex Marks();

    [GeneratedRegex(@"\[([^\]]+)\]\([^)]*\)")]
    private static partial Regex Links();
}
