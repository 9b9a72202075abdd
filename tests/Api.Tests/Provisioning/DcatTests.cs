using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using EventLedger.Api.Provisioning.Directory;
using EventLedger.Domain.Kernel;
using Xunit;

namespace EventLedger.Api.Tests.Provisioning;

/// <summary>The directory's two forms, as the vectors hold them that the official shapes of DCAT-AP judge (tests/interop/dcat.test.mjs).</summary>
public sealed class DcatTests
{
    private static readonly OwnerView City = new("city", "City \"Permits\" Office", "permits@city.example");

    private static readonly DirectoryView Tree = new(2,
    [
        new("economy", "sector", "Economy", null, City, null, null, null, null, null,
        [
            new("trade", "service", "Trade & licences", "What may be sold, and where.", City, null, null, null, null, null,
            [
                new("permits", "dataset", "Permits", "Permits of mobile food facilities:\nwho may sell what.", City, City, "permit", null, JsonNode.Parse("""
                    {"permission":[{"action":"use","constraint":[{"leftOperand":"purpose","operator":"eq","rightOperand":"inspection"}]}],
                     "prohibition":[{"action":"https://example.org/terms#resell"}]}
                    """), LedgerTime.Parse("2027-01-01T00:00:00.000Z"),
                    [new("holder", "field", "holder", null, City, null, null, "personal", null, null, []), new("number", "field", "number", null, City, null, null, "public", null, null, [])]),
            ]),
        ]),
        new("quakes <1>", "dataset", "Earthquakes", null, null, null, "quakes", null, null, null, [new("magnitude", "field", "magnitude", null, null, null, null, "public", null, null, [])]),
    ]);

    [Fact]
    [Y4561("N-6.2.6-e")]
    public void Both_forms_are_those_that_the_shapes_of_DCAT_AP_judged()
    {
        var graph = Dcat.Graph(Tree, "vector", "vector-0000000000000000", "https://ledger.example");
        var (turtle, json) = (graph.ToTurtle(), graph.ToJsonLd().ToJsonString(new() { WriteIndented = true }) + "\n");
        if (Environment.GetEnvironmentVariable("EVENTLEDGER_WRITE_VECTORS") == "1")
        {
            File.WriteAllText(Vector("directory.ttl"), turtle);
            File.WriteAllText(Vector("directory.jsonld"), json);
        }
        turtle.ShouldBe(File.ReadAllText(Vector("directory.ttl")));
        json.ShouldBe(File.ReadAllText(Vector("directory.jsonld")));
    }

    private static string Vector(string name, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "../../vectors/dcat-ap", name);
}
