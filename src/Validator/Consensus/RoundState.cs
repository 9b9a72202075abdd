using EventLedger.Domain.Kernel;

namespace EventLedger.Validator.Consensus;

/// <summary>A value together with the round in which it got its polka.</summary>
public readonly record struct Polka(int Round, Digest Value);

/// <summary>The variables of the paper's process p (L1-L9) within one height.</summary>
/// <param name="Height">h_p.</param>
/// <param name="Round">round_p; -1 before the first round.</param>
/// <param name="Step">step_p.</param>
/// <param name="Locked">lockedRound_p and lockedValue_p; null before the first lock.</param>
/// <param name="Valid">validRound_p and validValue_p; null before the first polka.</param>
public sealed record RoundState(long Height, int Round = -1, Step Step = Step.New, Polka? Locked = null, Polka? Valid = null);
