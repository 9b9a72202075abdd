using System.Collections.Immutable;
using System.Text.Json;
using EventLedger.Validator.Consensus;

namespace EventLedger.Validator.Tests.Consensus;

public sealed class RoundTraceTests
{
    public static TheoryData<string> Files => Traces.Files("consensus");

    [Theory]
    [MemberData(nameof(Files))]
    public void The_round_machine_takes_the_steps_of_the_trace(string file)
    {
        var (index, compared) = (-1, 0);
        foreach (var step in Traces.Read(file).Items("steps"))
        {
            index++;
            if (step.TryGetProperty("quirk", out _))
            {
                continue;
            }
            var pre = step.GetProperty("pre").State();
            var (state, effects) = RoundMachine.Apply(pre, Parse(step.GetProperty("in"), pre.Round));
            var where = $"{file} step {index}: {step}";
            Show(effects, state).ShouldBe(Expected(step.GetProperty("out")), where);
            state.ShouldBe(step.GetProperty("st").State(), where);
            compared++;
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{compared} of {index + 1} steps compared");
        compared.ShouldBeGreaterThan(0);
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
        var other => throw new InvalidDataException(other),
    };

    private static string Show(ImmutableArray<RoundEffect> effects, RoundState state) =>
        string.Join(" ", effects.Where(e => e is not RoundEffect.Timer { Step: Step.Propose } || effects.Length == 1).Select(e => e switch
        {
            RoundEffect.Vote v => $"{v.Step}@{state.Round}={v.Value}",
            RoundEffect.Propose p => $"propose@{state.Round}={p.Value}/{p.ValidRound}",
            RoundEffect.GetValue => $"get@{state.Round}",
            RoundEffect.Timer t => $"timer@{state.Round}={t.Step}",
            RoundEffect.SkipTo s => $"skip={s.Round}",
            RoundEffect.Decide d => $"decide@{d.Round}={d.Value}",
            _ => throw new InvalidDataException(),
        }));

    private static string Expected(JsonElement o) => o.ValueKind == JsonValueKind.Null ? "" : o.Text("o") switch
    {
        "error" => "",
        "vote" => $"{Traces.StepOf(o.Text("t"))}@{o.Number("r")}={o.Value()}",
        "proposal" => $"propose@{o.Number("r")}={o.Value()}/{o.Number("vr")}",
        "getValue" => $"get@{o.Number("r")}",
        "timeout" => $"timer@{o.Number("r")}={Traces.StepOf(o.Text("k"))}",
        "skipRound" => $"skip={o.Number("r")}",
        "decide" => $"decide@{o.Number("r")}={o.Value()}",
        var other => throw new InvalidDataException(other),
    };
}
