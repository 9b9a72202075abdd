using Markdig;
using Markdig.Syntax;
using Microsoft.AspNetCore.Components;

namespace EventLedger.Web.Staff;

/// <summary>A runbook of <c>docs/runbooks</c>, as it was when this host was built: what to do stands beside the alert even when no other page can be had.</summary>
/// <param name="Name">Name of the file.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Body">The rest as HTML.</param>
public sealed record Runbook(string Name, string Title, MarkupString Body)
{
    private static readonly MarkdownPipeline Plain = new MarkdownPipelineBuilder().DisableHtml().Build();

    /// <summary>All of them.</summary>
    public static IReadOnlyDictionary<string, Runbook> All { get; } = ReadAll();

    /// <summary>Where one is; null where there is none, so that no page leads to nothing.</summary>
    public static string? Href(string? name) => name is not null && All.ContainsKey(name) ? $"/staff/runbooks/{name}" : null;

    internal static Runbook Read(string name, string markdown)
    {
        var document = Markdown.Parse(markdown, Plain);
        var title = document.OfType<HeadingBlock>().FirstOrDefault(h => h.Level == 1);
        if (title is not null)
        {
            document.Remove(title);
        }
        return new(name, title?.Inline?.FirstChild?.ToString() ?? name, new(document.ToHtml(Plain)));
    }

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
}
