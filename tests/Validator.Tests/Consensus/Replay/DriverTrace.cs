using System.Collections.Immutable;
using System.Text.Json;
using EventLedger.Domain.Kernel;
using EventLedger.Validator.Consensus;

namespace EventLedger.Validator.Tests.Consensus;

/// <summary>
/// Nodes as black boxes (tm-driver-trace/1): each node's steps against a fresh core. Own messages come back as the trace feeds them. After a
/// node's first loose step, where the upstream model lags behind the paper, it is fed on but only agreement is held.
/// </summary>
internal static class DriverTrace
{
    private static readonly Digest Invalid = Traces.Named("invalid");

    public static void Replay(JsonElement trace, TraceRun run)
    {
        run.Begin();
        var meta = trace.GetProperty("meta");
        var set = meta.Weights();
        string[] order = [.. meta.Items("proposerOrder").Select(v => v.GetString()!)];
        ImmutableArray<string> proposers = [.. order[1..], order[0]];   // The traces count from order[(r + 1) mod n].
        var decided = new List<Output.Decide>();
        foreach (var name in meta.Items("nodes").Select(n => n.GetString()!))
        {
            decided.AddRange(new Node(name, set, proposers, run).Replay(trace));
        }
        // With more than a third of traitors a fork is what the trace may ask for.
        if (!set.IsSkip(set.Power(meta.Items("faulty").Select(f => f.GetString()!))))
        {
            var forks = decided.GroupBy(d => d.Height).Where(g => g.Select(d => d.Value).Distinct().Count() > 1);
            run.Holds("all steps", "one value a height", string.Join(", ", forks.Select(g => $"several at {g.Key}").DefaultIfEmpty("one value a height")));
        }
    }

    private sealed class Node(string name, Validators set, ImmutableArray<string> proposers, TraceRun run)
    {
        private readonly Driver driver = new(name, -1);
        private readonly List<Output.Decide> decided = [];
        private readonly HashSet<string> guilty = [];
        private readonly HashSet<(long, int, Step)> timers = [];
        private readonly HashSet<(long, int)> proposed = [];
        private readonly List<Input> log = [];
        private Input.NewHeight? start;
        private bool isLoose;

        public List<Output.Decide> Replay(JsonElement trace)
        {
            foreach (var (index, step) in trace.Items("steps").Index().Where(s => s.Item.Text("n") == name))
            {
                isLoose |= step.Flag("loose");
                if (!Take($"step {index} {step.GetProperty("in")} at {name} in {driver.State.Show()}", step))
                {
                    break;   // What follows would only repeat the first difference.
                }
            }
            Recover("the log at the end");
            return decided;
        }

        private bool Take(string where, JsonElement step)
        {
            var input = step.GetProperty("in");
            var outputs = Inputs(input).SelectMany(Handle).ToList();
            guilty.UnionWith(outputs.OfType<Output.Evidence>().Select(e => $"{e.First.From} {e.First.Height}/{e.First.Round} {e.First.Step}"));
            timers.UnionWith(outputs.OfType<Output.SetTimer>().Select(t => (t.Height, t.Round, t.Step)));
            decided.AddRange(outputs.OfType<Output.Decide>());
            foreach (var proposal in outputs.OfType<Output.Propose>())
            {
                proposed.Add((proposal.Height, proposal.Round));
                Recover(where);
            }
            if (isLoose || input.Text("i") == "newHeight")
            {
                run.Skip();
                return true;
            }
            var said = outputs.Select(Show).OfType<string>().Order(StringComparer.Ordinal);
            var wanted = step.Items("out").Select(Expected).OfType<string>().Order(StringComparer.Ordinal);
            var isSame = step.Flag("after")
                ? run.Same(where, "no effect", string.Join("; ", said.DefaultIfEmpty("no effect")))
                : run.Same(where, $"[{string.Join("; ", wanted)}] {step.GetProperty("st").State().Show()}", $"[{string.Join("; ", said)}] {driver.State.Show()}");
            var missing = step.Items("ev").Select(e => $"{e.Text("from")} {e.Number("h")}/{e.Number("r")} {Traces.StepOf(e.Text("t"))}").Where(e => !guilty.Contains(e));
            return run.Holds(where, "no evidence missing", string.Join("; ", missing.Select(m => $"no evidence against {m}").DefaultIfEmpty("no evidence missing")))
                && (input.Text("i") != "timeout" || outputs.Count == 0 || HoldsTimer(where, input)) && isSame;
        }

        private List<Output> Handle(Input input)
        {
            if (input is Input.NewHeight next)
            {
                Recover($"the log before height {next.Height}");
                start = next;
                log.Clear();
            }
            var outputs = driver.Handle(input);
            log.AddRange(outputs.OfType<Output.Persist>().Select(p => p.Input));
            return [.. outputs];
        }

        // What the core asked to be logged must bring another core to where this one stands, and to what it waits for.
        private void Recover(string where)
        {
            if (start is not null)
            {
                var (again, due) = Recovery.Replay(name, start, log);
                run.Holds($"{where} at {name}", driver.State.Show(), again.State.Show());
                var asked = due.OfType<Output.GetValue>().Where(g => proposed.Contains((g.Height, g.Round))).Select(g => $"a second value for {g.Height}/{g.Round}");
                run.Holds($"{where} at {name}", "nothing is asked for again", string.Join("; ", asked.DefaultIfEmpty("nothing is asked for again")));
            }
        }

        private bool HoldsTimer(string where, JsonElement e)
        {
            var timer = ((long)e.Number("h"), e.Number("r"), Traces.StepOf(e.Text("k")));
            return run.Holds(where, $"the timer {timer} was set before", timers.Contains(timer) ? $"the timer {timer} was set before" : "it was never set");
        }

        private IEnumerable<Input> Inputs(JsonElement e) => e.Text("i") switch
        {
            "newHeight" => [],
            "start" => [.. e.Items("buffered").Select(v => new Input.GotVote(v.Vote())), new Input.NewHeight(e.Number("h"), set, proposers)],
            "value" => [new Input.ValueReady(e.Number("h"), e.Number("r"), e.Value()!.Value)],
            "proposal" => [new Input.GotProposal(e.Proposal(), e.Value() == Invalid ? Verdict.Invalid : Verdict.Valid)],
            "vote" => [new Input.GotVote(e.Vote())],
            "cert" => [new Input.Certificate([.. e.Items("votes").Select(v => v.Vote())])],
            "timeout" => [new Input.Timeout(e.Number("h"), e.Number("r"), Traces.StepOf(e.Text("k")))],
            var other => throw new InvalidDataException($"No input is called {other}."),
        };
    }

    private static string? Show(Output output) => output switch
    {
        Output.SendVote v => $"{v.Step} {v.Height}/{v.Round} {Traces.Name(v.Value)}",
        Output.Propose p => $"Propose {p.Height}/{p.Round} {Traces.Name(p.Value)} {p.ValidRound}",
        Output.GetValue g => $"GetValue {g.Height}/{g.Round}",
        Output.Decide d => $"Decide {d.Height}/{d.Round} {Traces.Name(d.Value)}",
        _ => null,
    };

    private static string? Expected(JsonElement o) => o.Text("o") switch
    {
        "vote" => $"{Traces.StepOf(o.Text("t"))} {o.Number("h")}/{o.Number("r")} {Traces.Name(o.Value())}",
        "proposal" => $"Propose {o.Number("h")}/{o.Number("r")} {Traces.Name(o.Value())} {o.Number("vr")}",
        "getValue" => $"GetValue {o.Number("h")}/{o.Number("r")}",
        "decide" => $"Decide {o.Number("h")}/{o.Number("r")} {Traces.Name(o.Value())}",
        "timeout" => null,
        var other => throw new InvalidDataException($"No output is called {other}."),
    };
}
