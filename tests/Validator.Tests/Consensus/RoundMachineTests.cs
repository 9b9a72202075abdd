using EventLedger.Domain.Kernel;
using EventLedger.Validator.Consensus;
using static EventLedger.Validator.Consensus.RoundInput;

namespace EventLedger.Validator.Tests.Consensus;

/// <summary>One row for each rule of the paper and for each way in which it must not fire. Round 3 of height 9; values a and b.</summary>
public sealed class RoundMachineTests
{
    private static readonly Digest A = Digest.Of("a"), B = Digest.Of("b");
    private static readonly Polka LockedA = new(1, A);

    public static TheoryData<string, RoundState, RoundInput, string, RoundState> Table => new()
    {
        { "L11 others' round: wait", In(Step.New, 2), new NewRound(3, false), "timer Propose", In(Step.Propose) },
        { "L18 own round: ask", In(Step.New, 2), new NewRound(3, true), "timer Propose, get", In(Step.Propose) },
        { "L16 own round, valid value known", In(Step.New, 2) with { Valid = LockedA }, new NewRound(3, true), "timer Propose, propose a/1", In(Step.Propose) with { Valid = LockedA } },
        { "L11 never the same round again", In(Step.New), new NewRound(3, true), "", In(Step.New) },
        { "L11 not while a round goes on", In(Step.Prevote), new NewRound(4, true), "", In(Step.Prevote) },
        { "L19 the value asked for", In(Step.Propose), new OwnValue(A), "propose a/-1", In(Step.Propose) },
        { "L19 too late", In(Step.Prevote), new OwnValue(A), "", In(Step.Prevote) },
        { "L22 no lock: follow", In(Step.Propose), new Fresh(3, A, true), "Prevote a", In(Step.Prevote) },
        { "L22 same lock: follow", Locked(Step.Propose), new Fresh(3, A, true), "Prevote a", Locked(Step.Prevote) },
        { "L26 other lock: nil", Locked(Step.Propose), new Fresh(3, B, true), "Prevote nil", Locked(Step.Prevote) },
        { "L26 broken rule: nil", In(Step.Propose), new Fresh(3, A, false), "Prevote nil", In(Step.Prevote) },
        { "L22 of another round", In(Step.Propose), new Fresh(2, A, true), "", In(Step.Propose) },
        { "L22 after the prevote", In(Step.Prevote), new Fresh(3, A, true), "", In(Step.Prevote) },
        { "L30 polka newer than the lock", Locked(Step.Propose), new Reproposal(B, 2, true), "Prevote b", Locked(Step.Prevote) },
        { "L30 polka as old as the lock", Locked(Step.Propose), new Reproposal(B, 1, true), "Prevote b", Locked(Step.Prevote) },
        { "L30 polka older, same value", Locked(Step.Propose), new Reproposal(A, 0, true), "Prevote a", Locked(Step.Prevote) },
        { "L32 polka older than the lock", Locked(Step.Propose), new Reproposal(B, 0, true), "Prevote nil", Locked(Step.Prevote) },
        { "L32 broken rule", In(Step.Propose), new Reproposal(B, 2, false), "Prevote nil", In(Step.Prevote) },
        { "L28 polka of this round is none before it", In(Step.Propose), new Reproposal(B, 3, true), "", In(Step.Propose) },
        { "L34 polka for anything", In(Step.Prevote), new PolkaAny(), "timer Prevote", In(Step.Prevote) },
        { "L34 only in prevote", In(Step.Precommit), new PolkaAny(), "", In(Step.Precommit) },
        { "L36 lock and precommit", Locked(Step.Prevote), new PolkaValue(B), "Precommit b", In(Step.Precommit) with { Locked = new(3, B), Valid = new(3, B) } },
        { "L42 too late to lock, not to learn", Locked(Step.Precommit), new PolkaValue(B), "", Locked(Step.Precommit) with { Valid = new(3, B) } },
        { "L36 not before the prevote", In(Step.Propose), new PolkaValue(B), "", In(Step.Propose) },
        { "L44 nil polka keeps the lock", Locked(Step.Prevote), new PolkaNil(), "Precommit nil", Locked(Step.Precommit) },
        { "L44 only in prevote", In(Step.Propose), new PolkaNil(), "", In(Step.Propose) },
        { "L47 from any step", In(Step.Propose), new PrecommitAny(), "timer Precommit", In(Step.Propose) },
        { "L49 from any step and round", Locked(Step.Propose), new Commit(7, B), "decide b/7", Locked(Step.Decided) },
        { "L49 once", In(Step.Decided), new Commit(7, B), "", In(Step.Decided) },
        { "L55 go on", Locked(Step.Precommit), new Skip(8), "skip 8", Locked(Step.New) },
        { "L55 never back", In(Step.Prevote), new Skip(3), "", In(Step.Prevote) },
        { "L55 not after the decision", In(Step.Decided), new Skip(8), "", In(Step.Decided) },
        { "L57 propose timer", Locked(Step.Propose), new RoundInput.Timeout(9, 3, Step.Propose), "Prevote nil", Locked(Step.Prevote) },
        { "L57 of another round", In(Step.Propose), new RoundInput.Timeout(9, 2, Step.Propose), "", In(Step.Propose) },
        { "L57 of another height", In(Step.Propose), new RoundInput.Timeout(8, 3, Step.Propose), "", In(Step.Propose) },
        { "L57 after the prevote", In(Step.Prevote), new RoundInput.Timeout(9, 3, Step.Propose), "", In(Step.Prevote) },
        { "L61 prevote timer keeps the lock", Locked(Step.Prevote), new RoundInput.Timeout(9, 3, Step.Prevote), "Precommit nil", Locked(Step.Precommit) },
        { "L61 after the precommit", In(Step.Precommit), new RoundInput.Timeout(9, 3, Step.Prevote), "", In(Step.Precommit) },
        { "L65 precommit timer from any step", Locked(Step.Propose), new RoundInput.Timeout(9, 3, Step.Precommit), "skip 4", Locked(Step.New) },
        { "L65 of another round", In(Step.Precommit), new RoundInput.Timeout(9, 2, Step.Precommit), "", In(Step.Precommit) },
        { "L65 of another height", In(Step.Precommit), new RoundInput.Timeout(10, 3, Step.Precommit), "", In(Step.Precommit) },
        { "L65 not after the decision", In(Step.Decided), new RoundInput.Timeout(9, 3, Step.Precommit), "", In(Step.Decided) },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Each_line_of_the_paper_does_this_and_nothing_else(string line, RoundState state, RoundInput input, string effects, RoundState next)
    {
        var (after, said) = RoundMachine.Apply(state, input);
        string.Join(", ", said.Select(Show)).ShouldBe(effects, line);
        after.ShouldBe(next, line);
    }

    private static RoundState In(Step step, int round = 3) => new(9, round, step);

    private static RoundState Locked(Step step) => In(step) with { Locked = LockedA, Valid = LockedA };

    private static string Show(RoundEffect effect) => effect switch
    {
        RoundEffect.Vote v => $"{v.Step} {Name(v.Value)}",
        RoundEffect.Propose p => $"propose {Name(p.Value)}/{p.ValidRound}",
        RoundEffect.GetValue => "get",
        RoundEffect.Timer t => $"timer {t.Step}",
        RoundEffect.SkipTo s => $"skip {s.Round}",
        RoundEffect.Decide d => $"decide {Name(d.Value)}/{d.Round}",
        _ => "?",
    };

    private static string Name(Digest? value) => value == A ? "a" : value == B ? "b" : "nil";
}
