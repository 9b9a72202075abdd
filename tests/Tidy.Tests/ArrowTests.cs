using System.Xml.Linq;
using Shouldly;
using Xunit;

namespace EventLedger.Tidy.Tests;

/// <summary>Which project may see which.</summary>
public sealed class ArrowTests
{
    // The table of the house: a project sees what stands right of it, directly or through another.
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["Domain"] = [],
        ["EventStore"] = ["Domain"],
        ["Contracts"] = ["Domain"],
        ["Client"] = ["Domain"],
        ["Api"] = ["EventStore", "Contracts", "Domain"],
        ["Web"] = ["Api", "EventStore", "Contracts", "Domain"],
        ["Validator"] = ["Contracts", "Domain"],
        ["Cli"] = ["Client", "EventStore", "Domain"],
    };

    [Fact]
    public void Projects_refer_only_along_the_arrows() => Tree.Files
        .Where(file => file.IsIn("src") && file.Ends(".csproj"))
        .SelectMany(file => AgainstTheArrows(ProjectName(file.Path), file.Text))
        .ShouldBeEmpty();

    [Fact]
    public void A_reference_against_the_arrows_is_found() =>
        AgainstTheArrows("Domain", """<Project><ItemGroup><ProjectReference Include="../Api/Api.csproj" /></ItemGroup></Project>""")
            .ShouldHaveSingleItem();

    [Fact]
    public void The_domain_takes_no_package_but_analyzers() => Items(Tree.Get("src/Domain/Domain.csproj").Text, "PackageReference")
        .Where(item => item.Attribute("PrivateAssets")?.Value != "all")
        .Select(item => item.Attribute("Include")!.Value)
        .ShouldBeEmpty();

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = Tree.Get("EventLedger.sln").Text.Replace('\\', '/');
        Tree.Files.Where(file => file.Ends(".csproj")).Select(file => file.Path)
            .Where(path => !solution.Contains($"\"{path}\"", StringComparison.Ordinal))
            .ShouldBeEmpty();
    }

    private static IEnumerable<string> AgainstTheArrows(string project, string csproj) => Items(csproj, "ProjectReference")
        .Select(item => ProjectName(item.Attribute("Include")!.Value.Replace('\\', '/')))
        .Where(target => !Arrows.TryGetValue(project, out var seen) || !seen.Contains(target))
        .Select(target => $"{project} -> {target}");

    private static IEnumerable<XElement> Items(string csproj, string name) => XDocument.Parse(csproj).Descendants(name);

    private static string ProjectName(string path) => Path.GetFileNameWithoutExtension(path);
}
