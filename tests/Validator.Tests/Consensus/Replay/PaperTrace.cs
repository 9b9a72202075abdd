using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using EventLedger.Domain.Kernel;
using EventLedger.Validator.Consensus;

namespace EventLedger.Validator.Tests.Consensus;

/// <summary>
/// Runs of the second specification (ITF), for safety only: a core in each correct process's place gets all that was said, as it was said. What it
/// decides must be what the run decided there; without too many traitors all decide one value, with too many the guilty are named.
/// </summary>
internal static partial class PaperTrace
{
    public static void Replay(JsonElement trace, TraceRun run)
    {
        run.Begin();
        var states = trace.Items("states").ToList();
        string[] correct = [.. Itf.Map(Itf.Variable(states[0], "round")).Select(p => p.Key.GetString()!)];
        var counts = Model().Match(trace.Items("vars").First().GetString()!);
        var count = counts.Success ? int.Parse(counts.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : correct.Length;
        var set = new Validators(Enumerable.Range(1, count).Select(i => new Voter($"p{i}", 1)));
        var order = Proposers(states[^1], correct, set);
        var cores = correct.ToDictionary(name => name, name => Begun(name, set, order));
        var (heard, guilty) = (new HashSet<string>(), new HashSet<string>());
        foreach (var (index, state) in states.Index())
        {
            foreach (var input in Said(state).Where(said => heard.Add(said.Key)).Select(said => said.Input))
            {
                foreach (var core in cores.Values)
                {
                    guilty.UnionWith(core.Handle(input).OfType<Output.Evidence>().Select(e => e.First.From));
                }
            }
            foreach (var (process, decision) in Itf.Map(Itf.Variable(state, "decision")).Where(d => d.Value.GetString() != "None"))
            {
                var core = cores[process.GetString()!];
                run.Holds($"state {index} at {process}", decision.GetString()!, core.Decision is { } d ? Traces.Name(d.Value) : "undecided");
            }
            run.Same($"state {index}", "agreement, or a third of the validators guilty", Judge(cores.Values, guilty, set));
        }
    }

    private static Driver Begun(string name, Validators set, ImmutableArray<string> order)
    {
        var core = new Driver(name, 0);
        core.Handle(new Input.NewHeight(1, set, order));
        return core;
    }

    private static string Judge(IEnumerable<Driver> cores, HashSet<string> guilty, Validators set) =>
        cores.Select(core => core.Decision?.Value).OfType<Digest>().Distinct().Count() < 2 || set.IsSkip(set.Power(guilty))
            ? "agreement, or a third of the validators guilty"
            : "a fork without the guilty";

    // Correct processes propose only in their own turn; the other turns are the traitors'.
    private static ImmutableArray<string> Proposers(JsonElement last, string[] correct, Validators set) =>
        [.. Itf.Map(Itf.Variable(last, "msgsPropose")).OrderBy(r => Itf.Int(r.Key)).Select(r =>
            Itf.Set(r.Value).Select(m => m.Text("src")).FirstOrDefault(correct.Contains) ?? set.Kids.FirstOrDefault(kid => !correct.Contains(kid), correct[0]))];

    private static IEnumerable<(string Key, Input Input)> Said(JsonElement state)
    {
        foreach (var m in Messages(state, "msgsPropose"))
        {
            var proposal = new Proposal(1, Itf.Int(m.GetProperty("round")), Traces.Named(m.Text("proposal")), Itf.Int(m.GetProperty("validRound")), m.Text("src"), []);
            yield return ($"{m}", new Input.GotProposal(proposal, Verdict.Valid));
        }
        foreach (var (step, name) in ((Step, string)[])[(Step.Prevote, "msgsPrevote"), (Step.Precommit, "msgsPrecommit")])
        {
            foreach (var m in Messages(state, name))
            {
                Digest? value = m.Text("id") == "None" ? null : Traces.Named(m.Text("id"));
                yield return ($"{step}{m}", new Input.GotVote(new(1, Itf.Int(m.GetProperty("round")), step, value, m.Text("src"), [])));
            }
        }
    }

    private static IEnumerable<JsonElement> Messages(JsonElement state, string name) => Itf.Map(Itf.Variable(state, name)).SelectMany(r => Itf.Set(r.Value));

    [GeneratedRegex(@"n(\d+)f\d+")]
    private static partial Regex Model();
}
