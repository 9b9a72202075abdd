using System.Collections.Immutable;
using System.Text.Json;
using EventLedger.Validator.Consensus;

namespace EventLedger.Validator.Tests.Consensus;

/// <summary>
/// Named tables (driver_scenarios.json). There the host drives the rounds; this core goes on by itself, so outputs are summed up until the host's
/// answer, and proposals, which the tables do not check, are taken as from the round's proposer.
/// </summary>
internal static class TableTrace
{
    private const int RoundsMax = 16;

    public static void Replay(JsonElement tables, TraceRun run)
    {
        foreach (var table in tables.EnumerateArray())
        {
            run.Begin();
            Replay(table, new Validators(table.Items("validators").Select(v => new Voter(v.Text("name"), v.Number("power")))), run);
        }
    }

    private static void Replay(JsonElement table, Validators set, TraceRun run)
    {
        var me = table.Text("me");
        var proposers = Proposers(table, set);
        var driver = new Driver(me, table.Items("steps").First().GetProperty("in").Number("h") - 1);
        var (said, wanted, last) = (new List<string>(), new List<string>(), default(Input));
        foreach (var (index, step) in table.Items("steps").Index())
        {
            foreach (var output in Inputs(step.GetProperty("in"), last, set, proposers, driver).SelectMany(driver.Handle).ToList())
            {
                last = Loopback(output, me) ?? last;
                said.AddRange(Show(output));
            }
            wanted.AddRange(step.Items("out").Where(o => o.Text("o") != "newRound").Select(Expected));
            if (step.Items("out").Any(o => o.Text("o") == "newRound"))
            {
                run.Skip();
                continue;   // The table waits for the host here.
            }
            // More timers than the table names are no fault.
            var got = said.Where(o => wanted.Contains(o) || !IsTimer(o));
            var expected = wanted.Where(o => said.Contains(o) || !IsTimer(o));
            if (!run.Same($"{table.Text("name")} step {index}: {step.Text("desc")}",
                $"[{string.Join("; ", expected)}] {step.GetProperty("st").State().Show()}", $"[{string.Join("; ", got)}] {driver.State.Show()}"))
            {
                return;
            }
            said.Clear();
            wanted.Clear();
        }
    }

    private static bool IsTimer(string output) => output.StartsWith("Timer", StringComparison.Ordinal);

    private static ImmutableArray<string> Proposers(JsonElement table, Validators set)
    {
        var named = table.Items("steps").Select(s => s.GetProperty("in")).Where(i => i.Text("i") == "newRound")
            .GroupBy(i => i.Number("r")).ToDictionary(g => g.Key, g => g.First().Text("proposer"));
        return [.. Enumerable.Range(0, RoundsMax).Select(r => named.GetValueOrDefault(r, set.Kids.First(kid => kid != table.Text("me"))))];
    }

    private static IEnumerable<Input> Inputs(JsonElement e, Input? last, Validators set, ImmutableArray<string> proposers, Driver driver) => e.Text("i") switch
    {
        "newRound" => e.Number("h") > driver.State.Height ? [new Input.NewHeight(e.Number("h"), set, proposers)] : [],
        "value" => [new Input.ValueReady(e.Number("h"), e.Number("r"), e.Value()!.Value)],
        "proposal" => [new Input.GotProposal(
            e.Proposal() with { From = proposers[e.Number("r") % RoundsMax] }, e.Flag("valid") ? Verdict.Valid : Verdict.Invalid)],
        "vote" => [new Input.GotVote(e.Vote())],
        "cert" or "certificate" => [new Input.Certificate([.. e.Items("votes").Select(v => v.Vote())])],
        "commit" => [new Input.Committed([.. e.Items("votes").Select(v => v.Vote())])],
        "timeout" => [new Input.Timeout(e.Number("h"), e.Number("r"), Traces.StepOf(e.Text("k")))],
        "loopback" => [last!],
        var other => throw new InvalidDataException($"No input is called {other}."),
    };

    private static Input? Loopback(Output output, string me) => output switch
    {
        Output.SendVote v => new Input.GotVote(new(v.Height, v.Round, v.Step, v.Value, me, [])),
        Output.Propose p => new Input.GotProposal(new(p.Height, p.Round, p.Value, p.ValidRound, me, []), Verdict.Valid),
        _ => null,
    };

    private static IEnumerable<string> Show(Output output) => output switch
    {
        Output.SendVote v => [$"{v.Step} {v.Round} {Traces.Name(v.Value)}"],
        Output.Propose p => [$"Propose {p.Round} {Traces.Name(p.Value)} {p.ValidRound}"],
        Output.GetValue g => [$"GetValue {g.Round}"],
        Output.SetTimer t => [$"Timer {t.Round} {t.Step}"],
        Output.Decide d => [$"Decide {d.Round} {Traces.Name(d.Value)}"],
        _ => [],
    };

    private static string Expected(JsonElement o) => o.Text("o") switch
    {
        "vote" => $"{Traces.StepOf(o.Text("t"))} {o.Number("r")} {Traces.Name(o.Value())}",
        "proposal" => $"Propose {o.Number("r")} {Traces.Name(o.Value())} {o.Number("vr")}",
        "getValue" => $"GetValue {o.Number("r")}",
        "timeout" => $"Timer {o.Number("r")} {Traces.StepOf(o.Text("k"))}",
        "decide" => $"Decide {o.Number("r")} {Traces.Name(o.Value())}",
        var other => throw new InvalidDataException($"No output is called {other}."),
    };
}
