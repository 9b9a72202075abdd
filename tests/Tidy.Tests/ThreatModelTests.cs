using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Shouldly;
using Xunit;

namespace EventLedger.Tidy.Tests;

/// <summary>docs/threat-model.md claims nothing that no test shows, and leaves nothing out.</summary>
public sealed partial class ThreatModelTests
{
    private const string Held = "held", Reason = "reason", Open = "open", Row = "N-6.2.1-a";
    private const int WordsMin = 4;

    // What is open goes down: whoever closes a row takes it off here too.
    private const int OpenItemsMax = 13;

    private static readonly Lazy<HashSet<string>> Tests = new(AllTests);
    private static readonly Lazy<HashSet<string>> TestsOfTheHops = new(() => [.. CSharpTests().Where(test => test.Rows.Contains(Row)).Select(test => test.Name)]);

    [Fact]
    public void Each_test_that_the_document_names_exists() => Document().SelectMany(line => Named(line)).Distinct()
        .Where(name => !Exists(name)).ShouldBeEmpty();

    [Fact]
    public void Every_item_of_the_checklist_is_answered_once_and_nothing_else_is()
    {
        var items = Items();
        items.Count.ShouldBe(272);
        var answered = Answers().SelectMany(row => row.Cells[0].Split(", ").SelectMany(item => Meant(item, items))).ToList();
        answered.GroupBy(item => item).Where(group => group.Count() > 1).Select(group => group.Key).ShouldBeEmpty("answered twice");
        items.Except(answered).ShouldBeEmpty("not answered");
        answered.Except(items).ShouldBeEmpty("not in docs/asvs-items.tsv");
    }

    [Fact]
    public void A_row_is_held_by_a_test_or_gives_a_reason_or_says_what_is_open() => Rows().SelectMany(Faults).ShouldBeEmpty();

    [Theory]
    [InlineData("| V1.1.1 | x | held | Somebody looks at it now and then. |")]
    [InlineData("| V1.1.1 | x | reason | |")]
    [InlineData("| V1.1.1 | x | reason | None. |")]
    [InlineData("| V1.1.1 | x | open | |")]
    [InlineData("| V1.1.1 | x | done | There is nothing here to be done. |")]
    [InlineData("| V1.1.1 | | held | `GatewayTests.A_message_beyond_the_limit_is_refused_before_it_is_read` |")]
    public void An_empty_claim_is_found(string row) => Faults(Cut(row)).ShouldNotBeEmpty();

    [Fact]
    public void A_test_that_does_not_exist_is_found() => Named("by `GatewayTests.Nobody_ever_wrote_this` and `docker.test.mjs: nobody wrote this`").Where(name => !Exists(name)).Count().ShouldBe(2);

    /// <summary>
    /// Each way that data takes is listed with how it is encrypted, how the other side is known and what signs the data, and each is shown by tests that bear the
    /// same row themselves; none is open but those named here, over which no data goes yet.
    /// </summary>
    [Fact]
    [Y4561(Row)]
    public void Every_hop_is_encrypted_authenticated_and_signed_and_a_test_shows_it()
    {
        var hops = Table("Hop").ToList();
        hops.Select(hop => hop.Cells[0]).ShouldBe(Enumerable.Range(1, hops.Count).Select(n => $"H{n}"));
        // Source to API, API to store, API to validators, validator to validator, API to everyone who reads, and the people who act.
        foreach (var end in (string[])["source", "operator", "supervisor", "PostgreSQL", "validator", "data user", "citizen", "webhook", "collector", "vault"])
        {
            hops.Any(hop => hop.Cells[1].Contains(end, StringComparison.Ordinal)).ShouldBeTrue(end);
        }
        foreach (var hop in hops.Where(hop => hop.Status == Held))
        {
            hop.Cells[2..5].ShouldAllBe(cell => cell.Split(' ').Length >= 2, hop.Cells[0]);
            Named(hop.Last).ShouldContain(test => TestsOfTheHops.Value.Contains(test), $"{hop.Cells[0]}: a test that bears {Row}");
        }
        hops.Where(hop => hop.Status == Open).Select(hop => hop.Cells[0]).ShouldBeSubsetOf(["H9"]);
    }

    [Fact]
    public void What_is_open_only_shrinks()
    {
        var open = Answers().Where(row => row.Status == Open).SelectMany(row => row.Cells[0].Split(", ")).SelectMany(item => Meant(item, Items())).Count();
        open.ShouldBeLessThanOrEqualTo(OpenItemsMax);
        Tree.Get("docs/threat-model.md").Text.ShouldContain($"{open} items are open");
    }

    private static IEnumerable<string> Faults(TableRow row)
    {
        if (row.Cells[..^2].Any(cell => cell.Length == 0))
        {
            yield return $"{row.Cells[0]}: an empty cell";
        }
        if (row.Status == Held && !Named(row.Last).Any())
        {
            yield return $"{row.Cells[0]}: held by no test";
        }
        if (row.Status is Reason or Open && row.Last.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length < WordsMin)
        {
            yield return $"{row.Cells[0]}: {row.Status} without words";
        }
        if (row.Status is not (Held or Reason or Open))
        {
            yield return $"{row.Cells[0]}: status {row.Status}";
        }
    }

    /// <summary>Rows of all tables whose first heading is one of these: the last cell is the evidence, the one before it the status.</summary>
    private static IEnumerable<TableRow> Rows() => Table("Hop").Concat(Table("Threat")).Concat(Answers());

    private static IEnumerable<TableRow> Answers() => Table("Items");

    private static IEnumerable<TableRow> Table(string heading)
    {
        var inside = false;
        foreach (var line in Document())
        {
            inside = line.StartsWith('|') && (inside || line.StartsWith($"| {heading} |", StringComparison.Ordinal));
            if (inside && !line.StartsWith($"| {heading} |", StringComparison.Ordinal) && !line.StartsWith("|--", StringComparison.Ordinal))
            {
                yield return Cut(line);
            }
        }
    }

    private static TableRow Cut(string line)
    {
        var cells = line.Trim().Trim('|').Split(" |").Select(cell => cell.Trim()).ToArray();
        return new(cells);
    }

    // V5.4.* stands for its whole section.
    private static IEnumerable<string> Meant(string item, HashSet<string> items) =>
        item.EndsWith('*') ? items.Where(other => other.StartsWith(item[..^1], StringComparison.Ordinal)) : [item];

    private static HashSet<string> Items() => [.. Tree.Get("docs/asvs-items.tsv").Lines.Where(line => !line.StartsWith('#')).Select(line => line.Split('\t')[0])];

    private static string[] Document() => Tree.Get("docs/threat-model.md").Lines;

    private static IEnumerable<string> Named(string text) => TestName().Matches(text).Select(match => match.Groups[1].Value);

    private static bool Exists(string name) => name.Split(": ", 2) is [var file, var title]
        ? NodeTitles(file).Any(other => other.Contains(title, StringComparison.Ordinal))
        : Tests.Value.Contains(name);

    private static IEnumerable<string> NodeTitles(string file) => Tree.Files.Where(f => f.IsIn("tests") && f.Path.EndsWith("/" + file, StringComparison.Ordinal))
        .SelectMany(f => NodeTest().Matches(f.Text)).Select(match => match.Groups[1].Value);

    private static HashSet<string> AllTests() => [.. CSharpTests().Select(test => test.Name)];

    private static IEnumerable<(string Name, string[] Rows)> CSharpTests() =>
        from file in Tree.CSharp("tests")
        from type in Syntax.Parse(file.Text).DescendantNodes().OfType<ClassDeclarationSyntax>()
        from method in type.Members.OfType<MethodDeclarationSyntax>()
        where Attributes(method).Any(attribute => attribute.Name.ToString() is "Fact" or "Theory")
        select ($"{type.Identifier.ValueText}.{method.Identifier.ValueText}", RowsOf(type).Concat(RowsOf(method)).ToArray());

    private static IEnumerable<string> RowsOf(MemberDeclarationSyntax member) => Attributes(member).Where(attribute => attribute.Name.ToString() == "Y4561")
        .Select(attribute => attribute.ArgumentList!.Arguments[0].ToString().Trim('"'));

    private static IEnumerable<AttributeSyntax> Attributes(MemberDeclarationSyntax member) => member.AttributeLists.SelectMany(list => list.Attributes);

    /// <summary>One row of one of the document's tables.</summary>
    private sealed record TableRow(string[] Cells)
    {
        public string Status => Cells[^2];

        public string Last => Cells[^1];
    }

    [GeneratedRegex("`([A-Z][A-Za-z0-9]*\\.[A-Z][A-Za-z0-9]*_\\w+|[a-z-]+\\.test\\.mjs: [^`]+)`")]
    private static partial Regex TestName();

    [GeneratedRegex("\\btest\\([\"'`](.*?)[\"'`], ")]
    private static partial Regex NodeTest();
}
