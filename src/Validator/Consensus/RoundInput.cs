using EventLedger.Domain.Kernel;

namespace EventLedger.Validator.Consensus;

/// <summary>What the rules of the paper wait for, already counted and matched by the driver; "L" is the line of arXiv 1807.04938.</summary>
public abstract record RoundInput
{
    private RoundInput() { }

    /// <summary>L11: a round begins.</summary>
    public sealed record NewRound(int Round, bool IsProposer) : RoundInput;

    /// <summary>L18: the value this proposer asked for.</summary>
    public sealed record OwnValue(Digest Digest) : RoundInput;

    /// <summary>L22: a fresh proposal of this round; not valid also when its time is off.</summary>
    public sealed record Fresh(int Round, Digest Value, bool IsValid) : RoundInput;

    /// <summary>L28: a re-proposal of this round and the polka of its valid round.</summary>
    public sealed record Reproposal(Digest Value, int ValidRound, bool IsValid) : RoundInput;

    /// <summary>L34: a quorum of prevotes for anything, the first time in this round.</summary>
    public sealed record PolkaAny : RoundInput;

    /// <summary>L36: a valid proposal and its polka, both of this round, the first time.</summary>
    public sealed record PolkaValue(Digest Value) : RoundInput;

    /// <summary>L44: a quorum of prevotes for nil in this round.</summary>
    public sealed record PolkaNil : RoundInput;

    /// <summary>L47: a quorum of precommits for anything, the first time in this round.</summary>
    public sealed record PrecommitAny : RoundInput;

    /// <summary>L49: a proposal and a quorum of precommits for it, of any round.</summary>
    public sealed record Commit(int Round, Digest Value) : RoundInput;

    /// <summary>L55: more than one third of the power is in a later round.</summary>
    public sealed record Skip(int Round) : RoundInput;

    /// <summary>L57, L61, L65: a timer fired.</summary>
    public sealed record Timeout(long Height, int Round, Step Step) : RoundInput;
}

/// <summary>What a step of the round machine asks for; height and round are those of the state after it.</summary>
public abstract record RoundEffect
{
    private RoundEffect() { }

    /// <summary>Prevote or precommit; null is nil.</summary>
    public sealed record Vote(Step Step, Digest? Value) : RoundEffect;

    /// <summary>Propose; the valid round is -1 for a fresh value.</summary>
    public sealed record Propose(Digest Value, int ValidRound) : RoundEffect;

    /// <summary>Ask for a value.</summary>
    public sealed record GetValue : RoundEffect;

    /// <summary>Start the timer of a step.</summary>
    public sealed record Timer(Step Step) : RoundEffect;

    /// <summary>Go on with this round.</summary>
    public sealed record SkipTo(int Round) : RoundEffect;

    /// <summary>Decided.</summary>
    public sealed record Decide(int Round, Digest Value) : RoundEffect;
}
