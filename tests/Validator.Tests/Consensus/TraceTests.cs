using System.Text.RegularExpressions;
using EventLedger.Validator.Tests.Storage;

namespace EventLedger.Validator.Tests.Consensus;

/// <summary>The same replay as ./test traces, over the files of the repository.</summary>
public sealed class TraceTests
{
    public static TheoryData<string> Files => [.. TraceFolder.Files(Traces.Root).Select(file => Path.GetRelativePath(Traces.Root, file))];

    [Theory]
    [MemberData(nameof(Files))]
    public void The_core_agrees_with_every_strict_step(string file)
    {
        var run = TraceFolder.Replay(Path.Combine(Traces.Root, file), file);
        run.Differences.ShouldBeEmpty();
        run.Compared.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Every_kind_is_there() => Files.Select(f => TraceFolder.Replay(Path.Combine(Traces.Root, f.Data), f.Data).Kind).Distinct()
        .ShouldBe(["consensus", "driver", "raw", "driver_scenarios", "bisection", "lightclient", "paper", "scenarios", "votekeeper"], ignoreOrder: true);

    [Theory]
    [InlineData("consensus/consensus_0.json", "\"o\": *\"vote\",( *\"t\": *\"prevote\")", "\"o\":\"vote\",\"t\":\"precommit\"")]
    [InlineData("votekeeper/k_w3_0.json", "\"oneThird\": *true", "\"oneThird\":false")]
    [InlineData("driver/n4f1_301_0.json", "\"step\": *\"precommit\"", "\"step\":\"prevote\"")]
    [InlineData("scenarios/scenario_line26Test.json", "\"o\": *\"vote\"", "\"o\":\"decide\"")]
    [InlineData("driver_scenarios.json", "\"o\": *\"getValue\"", "\"o\":\"decide\",\"v\":\"x\"")]
    [InlineData("lightclient/single_step_semantic.json", "\"expect\": *\"SUCCESS\"", "\"expect\":\"INVALID\"")]
    public void A_trace_that_says_otherwise_is_told_with_its_step(string file, string pattern, string instead)
    {
        using var folder = new TempDirectory();
        var path = Path.Combine(folder.Path, "changed.json");
        var text = File.ReadAllText(Path.Combine(Traces.Root, file));
        var changed = Regex.Replace(text, pattern, instead);
        changed.ShouldNotBe(text);
        File.WriteAllText(path, changed);
        TraceFolder.Replay(path, "changed.json").Differences.ShouldNotBeEmpty();
        using var output = new StringWriter();
        TraceReport.Print(folder.Path, output).ShouldBeFalse();
        output.ToString().ShouldContain("differs: changed.json, ");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"meta": {"format": "tm-round-sm/2"}, "steps": []}""")]
    [InlineData("no json")]
    public void A_file_of_no_known_form_is_named_and_fails(string text)
    {
        using var folder = new TempDirectory();
        File.WriteAllText(Path.Combine(folder.Path, "strange.json"), text);
        File.Copy(Path.Combine(Traces.Root, "votekeeper", "k_w3_0.json"), Path.Combine(folder.Path, "good.json"));
        using var output = new StringWriter();
        TraceReport.Print(folder.Path, output).ShouldBeFalse();
        output.ToString().ShouldContain("differs: strange.json, ");
        output.ToString().ShouldContain(TraceFolder.Unknown);
    }

    [Fact]
    public void A_folder_without_traces_is_no_success()
    {
        using var folder = new TempDirectory();
        TraceReport.Print(folder.Path, TextWriter.Null).ShouldBeFalse();
    }
}
