using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace EventLedger.Tidy.Tests;

/// <summary>Words that do not stand in this repository, or not in its pure parts.</summary>
public sealed partial class BanTests
{
    // Each would make a decision depend on more than its inputs.
    private static readonly HashSet<string> Impure =
    [
        "DateTime", "TimeProvider", "Stopwatch", "UtcNow", "Now", "Task", "ValueTask", "async", "await", "Thread", "Random",
        "RandomNumberGenerator", "NewGuid", "CreateVersion7", "HttpClient", "Socket", "Environment", "Console", "ILogger",
    ];

    private static readonly HashSet<string> Inexact = ["float", "double", "Single", "Double", "Half", "decimal"];

    [Fact]
    public void The_domain_and_the_consensus_core_are_pure() => PureFiles().SelectMany(file => Found(file, Impure)).ShouldBeEmpty();

    [Fact]
    public void No_floating_point_decides_anything() => PureFiles()
        .Where(file => file.Path != "src/Domain/Kernel/JcsNumber.cs")
        .SelectMany(file => Found(file, Inexact))
        .Where(finding => !finding.EndsWith(": Half", StringComparison.Ordinal))
        .ShouldBeEmpty();

    [Fact]
    public void A_clock_in_code_is_found_and_in_a_comment_is_not() =>
        Found(new("x.cs", "// DateTime\nclass A { string s = \"DateTime\"; DateTime t; }"), Impure).ShouldBe(["x.cs:2: DateTime"]);

    [Fact]
    public void Time_outside_the_core_is_never_a_local_DateTime() => Tree.CSharp("src")
        .SelectMany(file => Found(file, ["DateTime"])).ShouldBeEmpty();

    [Fact]
    public void Nothing_is_left_for_later() => Lines(LeftOver(), Tree.Files.Where(IsCode)).ShouldBeEmpty();

    [Fact]
    public void No_test_is_switched_off() => Lines(SwitchedOff(), Tree.Files.Where(file => file.IsIn("tests") && IsCode(file))).ShouldBeEmpty();

    [Fact]
    public void No_name_says_nothing()
    {
        Tree.Files.Where(IsCode).SelectMany(file => EmptyName().Matches(file.Text).Select(match => $"{file.Path}: {match.Value}")).ShouldBeEmpty();
        Tree.Files.Where(file => EmptyFolder().IsMatch(file.Path)).Select(file => file.Path).ShouldBeEmpty();
    }

    [Fact]
    public void No_file_knows_one_machine() => Lines(MachinePath(), Tree.Files.Where(file => !IsThisRule(file))).ShouldBeEmpty();

    [Fact]
    public void No_file_names_a_package_registry() => Lines(RegistryHost(), Tree.Files.Where(file => !IsThisRule(file))).ShouldBeEmpty();

    [Theory]
    [InlineData("// TO" + "DO: later", 0)]
    [InlineData("[Fact(Skip = \"slow\")]", 1)]
    [InlineData("class ClockHelper", 2)]
    [InlineData("cd /wo" + "rk/x", 3)]
    [InlineData("\"resolved\": \"https://example.test/a.tgz\"", 4)]
    public void Each_banned_word_is_found(string text, int rule) =>
        ((Regex[])[LeftOver(), SwitchedOff(), EmptyName(), MachinePath(), RegistryHost()])[rule].IsMatch(text).ShouldBeTrue();

    private static IEnumerable<TextFile> PureFiles() => Tree.CSharp("src/Domain").Concat(Tree.CSharp("src/Validator/Consensus"));

    private static IEnumerable<string> Found(TextFile file, HashSet<string> words) =>
        Syntax.Words(file.Text).Where(w => words.Contains(w.Word)).Select(w => $"{file.Path}:{w.Line}: {w.Word}");

    private static IEnumerable<string> Lines(Regex rule, IEnumerable<TextFile> files) =>
        from file in files
        from line in file.Lines.Index()
        where rule.IsMatch(line.Item)
        select $"{file.Path}:{line.Index + 1}: {line.Item.Trim()}";

    private static bool IsCode(TextFile file) => !IsThisRule(file) && !file.Ends(".md", ".svg", ".json", ".txt", ".csv");

    private static bool IsThisRule(TextFile file) => file.Path == "tests/Tidy.Tests/BanTests.cs";

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b|NotImplementedException")]
    private static partial Regex LeftOver();

    [GeneratedRegex("Skip *= *\"")]
    private static partial Regex SwitchedOff();

    [GeneratedRegex(@"\b(class|record|struct|interface|enum)\s+\w*(Helpers?|Utils?|Utility|Utilities|Managers?|Common)\b")]
    private static partial Regex EmptyName();

    [GeneratedRegex("(^|/)(Common|Helpers?|Utils?|Utilities|Services|Managers?|Infrastructure|Misc)/")]
    private static partial Regex EmptyFolder();

    [GeneratedRegex("(^|[^a-zA-Z0-9._-])/(work|farm|root)/")]
    private static partial Regex MachinePath();

    [GeneratedRegex("\"resolved\": *\"https?://|api\\.nuget\\.org|registry\\.npmjs|deb\\.debian\\.org|proxy\\.golang|<add key=\"[^\"]*\" value=\"https?://")]
    private static partial Regex RegistryHost();
}
