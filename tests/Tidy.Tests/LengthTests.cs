using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Shouldly;
using Xunit;

namespace EventLedger.Tidy.Tests;

/// <summary>A ratchet on length: what is long stands in long-files.txt and may shrink, never grow; nothing new joins by accident.</summary>
public sealed class LengthTests
{
    private const int FileLinesMax = 300, ReasonLinesMin = 500, MethodLinesMax = 70;

    // Set it once somebody has decided that what is long may be so: the list is then written anew.
    private const string Accept = "EVENTLEDGER_ACCEPT_LENGTHS", List = "tests/Tidy.Tests/long-files.txt";

    [Fact]
    public void No_file_or_method_is_long_or_grows_unless_listed()
    {
        var files = Tree.Files.Where(IsWritten).ToList();
        if (Environment.GetEnvironmentVariable(Accept) is { Length: > 0 })
        {
            var head = Tree.Get(List).Lines.Where(line => line.StartsWith('#'));
            File.WriteAllText(Path.Combine(Tree.Root, List), string.Join('\n', [.. head, .. TooLong(files, [])]) + "\n");
            return;
        }
        TooLong(files, Listed()).ShouldBeEmpty($"shorten it, or decide that it may be so: {Accept}=1 ./test LengthTests");
    }

    [Fact]
    public void A_very_long_file_says_why_in_its_head() => Tree.Files
        .Where(file => IsWritten(file) && file.Lines.Length > ReasonLinesMin)
        .Where(file => !file.Lines.Take(40).Any(line => line.Contains("Long because", StringComparison.Ordinal)))
        .Select(file => $"{file.Path} has {file.Lines.Length} lines and no 'Long because …' among its first 40")
        .ShouldBeEmpty();

    [Fact]
    public void Growth_is_found_and_shrinking_is_not()
    {
        var file = new TextFile("src/A.cs", string.Concat(Enumerable.Repeat("\n", 310)) + "x");
        TooLong([file], []).ShouldHaveSingleItem();
        TooLong([file], new() { ["src/A.cs"] = 310 }).ShouldHaveSingleItem();
        TooLong([file], new() { ["src/A.cs"] = 320 }).ShouldBeEmpty();
    }

    [Fact]
    public void A_long_method_is_found_and_one_flat_switch_is_not()
    {
        var lines = string.Concat(Enumerable.Repeat("\n", 80));
        TooLong([new("src/A.cs", $"class A {{ void F() {{ G(); {lines} G(); }} }}")], []).ShouldHaveSingleItem();
        TooLong([new("src/A.cs", $"class A {{ int F(int x) => x switch {{ {lines} _ => 0 }}; }}")], []).ShouldBeEmpty();
    }

    private static IEnumerable<string> TooLong(IEnumerable<TextFile> files, Dictionary<string, int> listed) =>
        from file in files
        from item in Lengths(file)
        where item.Lines > listed.GetValueOrDefault(item.Name, item.LinesMax)
        select $"{item.Lines} {item.Name}";

    private static IEnumerable<(string Name, int Lines, int LinesMax)> Lengths(TextFile file)
    {
        yield return (file.Path, file.Lines.Length, FileLinesMax);
        foreach (var method in file.Ends(".cs") ? Syntax.Parse(file.Text).DescendantNodes().OfType<BaseMethodDeclarationSyntax>() : [])
        {
            var body = (SyntaxNode?)method.Body ?? method.ExpressionBody;
            if (body is null || IsOneSwitch(method))
            {
                continue;
            }
            var span = body.GetLocation().GetLineSpan();
            var name = method is MethodDeclarationSyntax named ? named.Identifier.ValueText : "constructor";
            yield return ($"{file.Path}#{name}", span.EndLinePosition.Line - span.StartLinePosition.Line + 1, MethodLinesMax);
        }
    }

    private static bool IsOneSwitch(BaseMethodDeclarationSyntax method) =>
        method.ExpressionBody?.Expression is SwitchExpressionSyntax || method.Body?.Statements is [SwitchStatementSyntax];

    private static bool IsWritten(TextFile file) => (file.IsIn("src") || file.IsIn("tests") || file.IsIn("benchmarks") || file.IsIn("eng"))
        && file.Ends(".cs", ".razor", ".mjs", ".js", ".css", ".proto", ".sql", ".sh", ".go");

    private static Dictionary<string, int> Listed() => Tree.Get(List).Lines
        .Where(line => line.Length > 0 && line[0] != '#')
        .Select(line => line.Split(' ', 2))
        .ToDictionary(parts => parts[1], parts => int.Parse(parts[0], CultureInfo.InvariantCulture));
}
