namespace EventLedger.Validator.Tests.Consensus;

public sealed class ScenarioTests
{
    private static readonly string Folder = Path.Combine(Traces.Repository(), "tests", "Validator.Tests", "Consensus", "Scenarios");

    public static TheoryData<string> Files => [.. Directory.GetFiles(Folder, "*.txt").Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void The_scenario_ends_as_its_text_expects(string file)
    {
        var script = new Script();
        foreach (var line in File.ReadLines(Path.Combine(Folder, file)))
        {
            script.Run(line);
        }
    }
}
