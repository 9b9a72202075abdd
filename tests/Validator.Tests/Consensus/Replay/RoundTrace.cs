using System.Collections.Immutable;
using System.Text.Json;
using EventLedger.Validator.Consensus;

namespace EventLedger.Validator.Tests.Consensus;

/// <summary>The table of the round machine's transitions (tm-round-sm/1): each step stands for itself.</summary>
internal static class RoundTrace
{
    public static void Replay(JsonElement trace, TraceRun run)
    {
        run.Begin();
        foreach (var (index, step) in trace.Items("steps").Index())
        {
            // Here the upstream model lacks a guard: it votes again, or acts after the decision.
            if (step.TryGetProperty("quirk", out _))
            {
                run.Skip();
                continue;
            }
            var pre = step.GetProperty("pre").State();
            var (state, effects) = RoundMachine.Apply(pre, Parse(step.GetProperty("in"), pre.Round));
            run.Same($"step {index} {step.GetProperty("in")} in {pre.Show()}",
                $"[{Expected(step.GetProperty("out"))}] {step.GetProperty("st").State().Show()}", $"[{Show(effects, state)}] {state.Show()}");
        }
    }

    private static RoundInput Parse(JsonElement e, int round) => e.Text("i") switch
    {
        "newRound" => new RoundInput.NewRound(e.Number("r"), false),
        "newRoundProposer" => new RoundInput.NewRound(e.Number("r"), true),
        "proposeValue" => new RoundInput.OwnValue(e.Value()!.Value),
        "proposal" => new RoundInput.Fresh(e.Number("r"), e.Value()!.Value, true),
        "proposalInvalid" => new RoundInput.Fresh(round, default, false),
        "proposalAndPolkaPrevious" => new RoundInput.Reproposal(e.Value()!.Value, e.Number("vr"), true),
        "proposalAndPolkaInvalid" => new RoundInput.Reproposal(e.Value()!.Value, 0, false),
        "polkaAny" => new RoundInput.PolkaAny(),
        "polkaNil" => new RoundInput.PolkaNil(),
        "proposalAndPolkaCurrent" => new RoundInput.PolkaValue(e.Value()!.Value),
        "precommitAny" => new RoundInput.PrecommitAny(),
        "proposalAndCommit" => new RoundInput.Commit(e.Number("r"), e.Value()!.Value),
        "roundSkip" => new RoundInput.Skip(e.Number("r")),
        "timeoutPropose" => new RoundInput.Timeout(e.Number("h"), e.Number("r"), Step.Propose),
        "timeoutPrevote" => new RoundInput.Timeout(e.Number("h"), e.Number("r"), Step.Prevote),
        "timeoutPrecommit" => new RoundInput.Timeout(e.Number("h"), e.Number("r"), Step.Precommit),
        var other => throw new InvalidDataException($"No input is called {other}."),
    };

    // The model's propose timer is implicit beside another effect.
    private static string Show(ImmutableArray<RoundEffect> effects, RoundState state) =>
        string.Join(" ", effects.Where(e => e is not RoundEffect.Timer { Step: Step.Propose } || effects.Length == 1).Select(e => e switch
        {
            RoundEffect.Vote v => $"{v.Step}@{state.Round}={Traces.Name(v.Value)}",
            RoundEffect.Propose p => $"propose@{state.Round}={Traces.Name(p.Value)}/{p.ValidRound}",
            RoundEffect.GetValue => $"get@{state.Round}",
            RoundEffect.Timer t => $"timer@{state.Round}={t.Step}",
            RoundEffect.SkipTo s => $"skip={s.Round}",
            RoundEffect.Decide d => $"decide@{d.Round}={Traces.Name(d.Value)}",
            _ => throw new InvalidDataException(),
        }));

    private static string Expected(JsonElement o) => o.ValueKind == JsonValueKind.Null ? "" : o.Text("o") switch
    {
        "error" => "",
        "vote" => $"{Traces.StepOf(o.Text("t"))}@{o.Number("r")}={Traces.Name(o.Value())}",
        "proposal" => $"propose@{o.Number("r")}={Traces.Name(o.Value())}/{o.Number("vr")}",
        "getValue" => $"get@{o.Number("r")}",
        "timeout" => $"timer@{o.Number("r")}={Traces.StepOf(o.Text("k"))}",
        "skipRound" => $"skip={o.Number("r")}",
        "decide" => $"decide@{o.Number("r")}={Traces.Name(o.Value())}",
        var other => throw new InvalidDataException($"No output is called {other}."),
    };
}
