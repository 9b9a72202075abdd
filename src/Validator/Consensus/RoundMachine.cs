using System.Collections.Immutable;
using EventLedger.Domain.Kernel;

namespace EventLedger.Validator.Consensus;

/// <summary>The rules of the algorithm, one arm a rule. Source: arXiv 1807.04938, algorithm 1.</summary>
public static class RoundMachine
{
    /// <summary>Takes one step. An input that no rule names leaves the state as it is: late messages are normal.</summary>
    public static (RoundState State, ImmutableArray<RoundEffect> Effects) Apply(RoundState s, RoundInput input) => (s.Step, input) switch
    {
        (Step.Decided, _) => (s, []),
        (_, RoundInput.Commit c) => (s with { Step = Step.Decided }, [new RoundEffect.Decide(c.Round, c.Value)]),                     // L49
        (Step.New, RoundInput.NewRound n) when n.Round > s.Round => Begin(s with { Round = n.Round, Step = Step.Propose }, n),        // L11
        (not Step.New, RoundInput.Skip k) when k.Round > s.Round => (s with { Step = Step.New }, [new RoundEffect.SkipTo(k.Round)]),  // L55
        (Step.New, RoundInput.Skip k) when s.Round < 0 => (s, [new RoundEffect.SkipTo(k.Round)]),                                     // L55
        (Step.New, _) => (s, []),

        (Step.Propose, RoundInput.OwnValue v) => (s, [new RoundEffect.Propose(v.Digest, -1)]),                                           // L18
        (Step.Propose, RoundInput.Fresh p) when p.Round == s.Round => Prevote(s, p.IsValid && MayFollow(s, p.Value, -1), p.Value),    // L22
        (Step.Propose, RoundInput.Reproposal p) when p.ValidRound >= 0 && p.ValidRound < s.Round =>
            Prevote(s, p.IsValid && MayFollow(s, p.Value, p.ValidRound), p.Value),                                                    // L28
        (Step.Propose, RoundInput.Timeout t) when IsOurs(s, t) => Prevote(s, false, default),                                         // L57

        (Step.Prevote, RoundInput.PolkaAny) => (s, [new RoundEffect.Timer(Step.Prevote)]),                                            // L34
        (Step.Prevote, RoundInput.PolkaValue p) => Precommit(
            s with { Locked = new(s.Round, p.Value), Valid = new(s.Round, p.Value) }, p.Value),                                       // L36
        (Step.Precommit, RoundInput.PolkaValue p) => (s with { Valid = new(s.Round, p.Value) }, []),                                  // L42
        (Step.Prevote, RoundInput.PolkaNil) => Precommit(s, null),                                                                    // L44
        (Step.Prevote, RoundInput.Timeout t) when IsOurs(s, t) => Precommit(s, null),                                                 // L61

        (_, RoundInput.PrecommitAny) => (s, [new RoundEffect.Timer(Step.Precommit)]),                                                 // L47
        (_, RoundInput.Timeout { Step: Step.Precommit } t) when (t.Height, t.Round) == (s.Height, s.Round) =>
            (s with { Step = Step.New }, [new RoundEffect.SkipTo(s.Round + 1)]),                                                      // L65
        _ => (s, []),
    };

    // L14-L21. The proposer runs the timer too: its value may never come.
    private static (RoundState, ImmutableArray<RoundEffect>) Begin(RoundState s, RoundInput.NewRound n) => (s, (n.IsProposer, s.Valid) switch
    {
        (true, { } valid) => [new RoundEffect.Timer(Step.Propose), new RoundEffect.Propose(valid.Value, valid.Round)],
        (true, null) => [new RoundEffect.Timer(Step.Propose), new RoundEffect.GetValue()],
        _ => [new RoundEffect.Timer(Step.Propose)],
    });

    // L23 and L29: a lock yields only to a polka that is not older than itself. A nil polka (L44) never opens it.
    private static bool MayFollow(RoundState s, Digest value, int validRound) =>
        s.Locked is not { } locked || locked.Round <= validRound || locked.Value == value;

    private static (RoundState, ImmutableArray<RoundEffect>) Prevote(RoundState s, bool follow, Digest value) =>
        (s with { Step = Step.Prevote }, [new RoundEffect.Vote(Step.Prevote, follow ? value : null)]);

    private static (RoundState, ImmutableArray<RoundEffect>) Precommit(RoundState s, Digest? value) =>
        (s with { Step = Step.Precommit }, [new RoundEffect.Vote(Step.Precommit, value)]);

    // A timer of an earlier round or step may still fire; it speaks of the past.
    private static bool IsOurs(RoundState s, RoundInput.Timeout t) => (t.Height, t.Round, t.Step) == (s.Height, s.Round, s.Step);
}
