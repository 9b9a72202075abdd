using System.Collections.Immutable;
using System.Text.Json;
using EventLedger.Validator.Consensus;

namespace EventLedger.Validator.Tests.Consensus;

/// <summary>
/// The upstream tables let the host drive the rounds; this core goes on by itself. So outputs are summed up until the host's answer, and
/// proposals, which the tables do not check, are taken as from the round's proposer.
/// </summary>
public sealed class DriverScenarioTests
{
    public static TheoryData<string> Names => [.. Traces.Read("driver_scenarios.json").EnumerateArray().Select(s => s.Text("name"))];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_table_of_the_scenario_holds(string name)
    {
        var table = Traces.Read("driver_scenarios.json").EnumerateArray().Single(s => s.Text("name") == name);
        var set = new Validators(table.Items("validators").Select(v => new Voter(v.Text("name"), v.Number("power"))));
        var me = table.Text("me");
        var proposers = Proposers(table, set);
        var driver = new Driver(me, table.Items("steps").First().GetProperty("in").Number("h") - 1);
        var (held, last) = (new List<string>(), default(Input));
        var pending = new List<string>();
        var index = -1;
        foreach (var step in table.Items("steps"))
        {
            index++;
            var where = $"{name} step {index}: {step.Text("desc")}";
            var input = step.GetProperty("in");
            foreach (var one in Inputs(input, last, set, proposers, driver))
            {
                foreach (var output in driver.Handle(one))
                {
                    last = Loopback(output, me) ?? last;
                    held.AddRange(Show(output));
                }
            }
            pending.AddRange(step.Items("out").Where(o => o.Text("o") != "newRound").Select(Expected));
            if (step.Items("out").Any(o => o.Text("o") == "newRound"))
            {
                continue;   // The table waits for the host here.
            }
            // More timers than the table names are no fault.
            held.Where(o => pending.Contains(o) || !o.StartsWith("Timer", StringComparison.Ordinal)).ShouldBe(pending.Where(o => held.Contains(o) || !o.StartsWith("Timer", StringComparison.Ordinal)), where);
            driver.State.ShouldBe(step.GetProperty("st").State(), where);
            held.Clear();
            pending.Clear();
        }
    }

    private static ImmutableArray<string> Proposers(JsonElement table, Validators set)
    {
        var named = table.Items("steps").Select(s => s.GetProperty("in")).Where(i => i.Text("i") == "newRound")
            .GroupBy(i => i.Number("r")).ToDictionary(g => g.Key, g => g.First().Text("proposer"));
        return [.. Enumerable.Range(0, 16).Select(r => named.GetValueOrDefault(r, set.Kids.First(kid => kid != table.Text("me"))))];
    }

    private static IEnumerable<Input> Inputs(JsonElement e, Input? last, Validators set, ImmutableArray<string> proposers, Driver driver) => e.Text("i") switch
    {
        "newRound" => e.Number("h") > driver.State.Height ? [new Input.NewHeight(e.Number("h"), set, proposers)] : [],
        "value" => [new Input.ValueReady(e.Number("h"), e.Number("r"), e.Value()!.Value)],
        "proposal" => [new Input.GotProposal(
            e.Proposal() with { From = proposers[e.Number("r")] }, e.Flag("valid") ? Verdict.Valid : Verdict.Invalid)],
        "vote" => [new Input.GotVote(e.Vote())],
        "cert" or "certificate" => [new Input.Certificate([.. e.Items("votes").Select(v => v.Vote())])],
        "timeout" => [new Input.Timeout(e.Number("h"), e.Number("r"), Traces.StepOf(e.Text("k")))],
        "loopback" => [last!],
        var other => throw new InvalidDataException($"{other}: {e}"),
    };

    private static Input? Loopback(Output output, string me) => output switch
    {
        Output.SendVote v => new Input.GotVote(new(v.Height, v.Round, v.Step, v.Value, me, [])),
        Output.Propose p => new Input.GotProposal(new(p.Height, p.Round, p.Value, p.ValidRound, me, []), Verdict.Valid),
        _ => null,
    };

    private static IEnumerable<string> Show(Output output) => output switch
    {
        Output.SendVote v => [$"{v.Step} {v.Round} {v.Value}"],
        Output.Propose p => [$"Propose {p.Round} {p.Value} {p.ValidRound}"],
        Output.GetValue g => [$"GetValue {g.Round}"],
        Output.SetTimer t => [$"Timer {t.Round} {t.Step}"],
        Output.Decide d => [$"Decide {d.Round} {d.Value}"],
        _ => [],
    };

    private static string Expected(JsonElement o) => o.Text("o") switch
    {
        "vote" => $"{Traces.StepOf(o.Text("t"))} {o.Number("r")} {o.Value()}",
        "proposal" => $"Propose {o.Number("r")} {o.Value()} {o.Number("vr")}",
        "getValue" => $"GetValue {o.Number("r")}",
        "timeout" => $"Timer {o.Number("r")} {Traces.StepOf(o.Text("k"))}",
        "decide" => $"Decide {o.Number("r")} {o.Value()}",
        var other => throw new InvalidDataException(other),
    };
}
