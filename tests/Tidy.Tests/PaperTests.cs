using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Shouldly;
using Xunit;

namespace EventLedger.Tidy.Tests;

/// <summary>What the documents say about the code, held against the code.</summary>
public sealed partial class PaperTests
{
    private const int LaterMax = 5;

    [Fact]
    public void Every_package_has_a_line_of_reason()
    {
        var reasons = Tree.Get("docs/adr/0003-dependencies.md").Text;
        Packages().Where(name => !reasons.Contains($"`{name}`", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void Every_row_that_a_test_names_is_a_row_of_the_checklist()
    {
        var rows = Rows("docs/conformance-rows.tsv").ToHashSet();
        rows.Count.ShouldBeGreaterThan(200);
        (from file in Tree.CSharp("tests")
         from Match match in Row().Matches(file.Text)
         where !rows.Contains(match.Groups[1].Value)
         select $"{file.Path}: {match.Groups[1].Value}").ShouldBeEmpty();
    }

    /// <summary>What a later part of the product brings; a row leaves the list when a test shows it, and none comes in.</summary>
    [Fact]
    public void The_list_of_rows_that_are_not_shown_yet_only_shrinks() => Rows("docs/conformance-later.tsv").Count().ShouldBeLessThanOrEqualTo(LaterMax);

    [Fact]
    public void Every_link_between_documents_leads_somewhere() =>
        (from file in Tree.Files
         where file.Ends(".md")
         from Match match in Link().Matches(file.Text)
         let target = match.Groups[1].Value.Split('#')[0]
         where target.Length > 0 && !target.Contains("://", StringComparison.Ordinal)
         let path = Path.Combine(Tree.Root, Path.GetDirectoryName(file.Path)!, target)
         where !Path.Exists(path)
         select $"{file.Path}: {match.Groups[1].Value}").ShouldBeEmpty();

    [Fact]
    public void Every_command_that_a_document_names_exists()
    {
        var commands = Tree.CSharp("src/Cli").SelectMany(file => NewCommand().Matches(file.Text)).Select(match => match.Groups[1].Value).ToHashSet();
        (from file in Tree.Files
         where file.Ends(".md")
         from Match match in LedgerCommand().Matches(file.Text)
         where !commands.Contains(match.Groups[1].Value)
         select $"{file.Path}: ./ledger {match.Groups[1].Value}").Distinct().ShouldBeEmpty();
    }

    [Fact]
    public void Decisions_are_numbered_without_gaps_and_say_what_follows()
    {
        var decisions = Tree.Files.Where(file => file.IsIn("docs/adr")).ToList();
        decisions.Select(file => Path.GetFileName(file.Path)[..4])
            .ShouldBe(Enumerable.Range(1, decisions.Count).Select(n => n.ToString("0000", System.Globalization.CultureInfo.InvariantCulture)));
        decisions.Where(file => !file.Text.Contains("## Decision", StringComparison.Ordinal) || !file.Text.Contains("## Consequences", StringComparison.Ordinal))
            .Select(file => file.Path).ShouldBeEmpty();
    }

    [Fact]
    public void The_layout_map_of_the_readme_names_every_project()
    {
        var readme = Tree.Get("README.md").Text;
        Tree.Files.Where(file => file.Ends(".csproj")).Select(file => Path.GetDirectoryName(file.Path)!.Replace('\\', '/'))
            .Where(folder => !readme.Contains($"`{folder}`", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void Every_page_has_its_picture()
    {
        var shown = Tree.Get("docs/tour/README.md").Lines.Where(line => line.StartsWith("### `", StringComparison.Ordinal)).Select(line => line[5..^1].Split('?')[0]).ToList();
        (from file in Tree.Files
         where file.IsIn("src/Web") && file.Ends(".razor")
         from Match match in Page().Matches(file.Text)
         let path = new Regex($"^{Placeholder().Replace(match.Groups[1].Value, "[^/]+")}$")
         // The first is what any address shows that is none; the second is there only when a validator broke the rules.
         where match.Groups[1].Value is not ("/not-found" or "/staff/evidence/{Seq:long}") && !shown.Any(path.IsMatch)
         select $"{file.Path}: {match.Groups[1].Value}").ShouldBeEmpty();
    }

    private static IEnumerable<string> Rows(string path) => Tree.Get(path).Lines.Where(line => line.Length > 0).Select(line => line.Split('\t')[0]);

    private static IEnumerable<string> Packages() => XDocument.Parse(Tree.Get("Directory.Packages.props").Text)
        .Descendants("PackageVersion").Select(item => item.Attribute("Include")!.Value)
        .Concat(Tree.Files.Where(file => file.Ends("/package.json")).SelectMany(NodePackages));

    private static IEnumerable<string> NodePackages(TextFile file)
    {
        using var json = JsonDocument.Parse(file.Text);
        return [.. from section in (string[])["dependencies", "devDependencies"]
                   where json.RootElement.TryGetProperty(section, out _)
                   from item in json.RootElement.GetProperty(section).EnumerateObject()
                   select item.Name];
    }

    [GeneratedRegex("\\[Y4561\\(\"([^\"]*)\"")]
    private static partial Regex Row();

    [GeneratedRegex("@page \"([^\"]*)\"")]
    private static partial Regex Page();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex("new(?: Command)?\\(\"([a-z-]+)\"")]
    private static partial Regex NewCommand();

    [GeneratedRegex(@"\./ledger ([a-z]+)")]
    private static partial Regex LedgerCommand();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();
}
