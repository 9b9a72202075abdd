using System.Collections.Immutable;
using System.Text.Json;
using EventLedger.Domain.Kernel;
using EventLedger.Validator.Consensus;

namespace EventLedger.Validator.Tests.Consensus;

public sealed class DriverTraceTests
{
    private static readonly Digest Invalid = Digest.Of("invalid");

    public static TheoryData<string> Files => [.. Traces.Files("driver").Concat(Traces.Files("scenarios"))];

    [Theory]
    [MemberData(nameof(Files))]
    public void Each_node_of_the_trace_acts_as_the_trace_says(string file)
    {
        var trace = Traces.Read(file);
        var compared = trace.GetProperty("meta").Items("nodes").Sum(node => Replay(file, trace, node.GetString()!));
        TestContext.Current.TestOutputHelper?.WriteLine($"{compared} of {trace.Items("steps").Count()} steps compared");
    }

    private static int Replay(string file, JsonElement trace, string node)
    {
        var meta = trace.GetProperty("meta");
        var set = new Validators(meta.GetProperty("weights").EnumerateObject().Select(w => new Voter(w.Name, w.Value.GetInt32())));
        string[] order = [.. meta.Items("proposerOrder").Select(v => v.GetString()!)];
        var proposers = order.Skip(1).Append(order[0]).ToImmutableArray();   // The traces count from order[(r + 1) mod n].
        var guilty = new HashSet<(string, int, int, Step)>();
        var driver = new Driver(node, -1);
        var compared = 0;
        foreach (var (step, index) in trace.Items("steps").Select((s, i) => (s, i)).Where(s => s.s.Text("n") == node))
        {
            var where = $"{file} step {index}: {step}";
            if (step.Flag("loose"))
            {
                break;
            }
            var outputs = Inputs(step.GetProperty("in"), set, proposers).SelectMany(driver.Handle).ToList();
            guilty.UnionWith(outputs.OfType<Output.Evidence>().Select(e => (e.First.From, (int)e.First.Height, e.First.Round, e.First.Step)));
            foreach (var e in step.Items("ev"))
            {
                guilty.ShouldContain((e.Text("from"), e.Number("h"), e.Number("r"), Traces.StepOf(e.Text("t"))), where);
            }
            compared++;
            if (step.Flag("after"))
            {
                Show(outputs).ShouldBeEmpty(where);
            }
            else if (step.GetProperty("in").Text("i") != "newHeight")
            {
                Show(outputs).ShouldBe(step.Items("out").Select(Expected).OfType<string>().Order(StringComparer.Ordinal), where);
                driver.State.ShouldBe(step.GetProperty("st").State(), where);
            }
        }
        return compared;
    }

    private static IEnumerable<Input> Inputs(JsonElement e, Validators set, ImmutableArray<string> proposers) => e.Text("i") switch
    {
        "newHeight" => [],
        "start" => [.. e.Items("buffered").Select(v => new Input.GotVote(v.Vote())), new Input.NewHeight(e.Number("h"), set, proposers)],
        "value" => [new Input.ValueReady(e.Number("h"), e.Number("r"), e.Value()!.Value)],
        "proposal" => [new Input.GotProposal(e.Proposal(), e.Value() == Invalid ? Verdict.Invalid : Verdict.Valid)],
        "vote" => [new Input.GotVote(e.Vote())],
        "cert" => [new Input.Certificate([.. e.Items("votes").Select(v => v.Vote())])],
        "timeout" => [new Input.Timeout(e.Number("h"), e.Number("r"), Traces.StepOf(e.Text("k")))],
        var other => throw new InvalidDataException(other),
    };

    private static IEnumerable<string> Show(IEnumerable<Output> outputs) => outputs.Select(o => o switch
    {
        Output.SendVote v => $"{v.Step} {v.Height}/{v.Round} {v.Value}",
        Output.Propose p => $"Propose {p.Height}/{p.Round} {p.Value} {p.ValidRound}",
        Output.GetValue g => $"GetValue {g.Height}/{g.Round}",
        Output.Decide d => $"Decide {d.Height}/{d.Round} {d.Value}",
        _ => null,
    }).OfType<string>().Order(StringComparer.Ordinal);

    private static string? Expected(JsonElement o) => o.Text("o") switch
    {
        "vote" => $"{Traces.StepOf(o.Text("t"))} {o.Number("h")}/{o.Number("r")} {o.Value()}",
        "proposal" => $"Propose {o.Number("h")}/{o.Number("r")} {o.Value()} {o.Number("vr")}",
        "getValue" => $"GetValue {o.Number("h")}/{o.Number("r")}",
        "decide" => $"Decide {o.Number("h")}/{o.Number("r")} {o.Value()}",
        "timeout" => null,
        var other => throw new InvalidDataException(other),
    };
}
