using EventLedger.Domain.Kernel;

namespace EventLedger.Validator.Consensus;

/// <summary>Where a round stands. The order is the order of time; votes use only Prevote and Precommit, timers Propose to Precommit.</summary>
public enum Step
{
    /// <summary>The round is chosen but not begun.</summary>
    New,
    /// <summary>Waiting for the proposal.</summary>
    Propose,
    /// <summary>Has prevoted.</summary>
    Prevote,
    /// <summary>Has precommitted.</summary>
    Precommit,
    /// <summary>The height is over.</summary>
    Decided,
}

/// <summary>What the shell knows of a value's content (header, batch and sidecars by the ledger rules).</summary>
public enum Verdict
{
    /// <summary>Not checked yet, for instance because the batch is not here.</summary>
    Unknown,
    /// <summary>All rules hold.</summary>
    Valid,
    /// <summary>A rule is broken.</summary>
    Invalid,
}

/// <summary>A signed prevote or precommit.</summary>
/// <param name="Height">Block height.</param>
/// <param name="Round">Round, from 0.</param>
/// <param name="Step">Prevote or Precommit.</param>
/// <param name="Value">Block hash; null is a vote for nil.</param>
/// <param name="From">Key id of the voter.</param>
/// <param name="Signature">Opaque here: the shell has verified it before.</param>
public sealed record Vote(long Height, int Round, Step Step, Digest? Value, string From, byte[] Signature);

/// <summary>A signed proposal.</summary>
/// <param name="Height">Block height.</param>
/// <param name="Round">Round, from 0.</param>
/// <param name="Value">Block hash.</param>
/// <param name="ValidRound">Round of the polka that a re-proposal rests on; -1 for a fresh proposal.</param>
/// <param name="From">Key id of the proposer.</param>
/// <param name="Signature">Opaque here: the shell has verified it before.</param>
public sealed record Proposal(long Height, int Round, Digest Value, int ValidRound, string From, byte[] Signature);
