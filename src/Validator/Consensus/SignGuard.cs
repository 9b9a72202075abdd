using EventLedger.Domain.Kernel;

namespace EventLedger.Validator.Consensus;

/// <summary>
/// The last thing this validator signed; on disk before the signature exists. It is what keeps a crash from causing two different votes for one
/// (height, round, step). Step Propose guards proposals the same way.
/// </summary>
/// <param name="Height">Block height.</param>
/// <param name="Round">Round, from 0.</param>
/// <param name="Step">Propose, Prevote or Precommit.</param>
/// <param name="Value">Block hash; null is nil.</param>
public sealed record SignGuard(long Height, int Round, Step Step, Digest? Value)
{
    /// <summary>What keygen writes: nothing signed yet.</summary>
    public static SignGuard Fresh { get; } = new(0, -1, Step.New, null);

    /// <summary>Later than the last signature, or the very same content again, which harms nobody.</summary>
    public bool MaySign(SignGuard next) => next.IsBeyond(this) || next == this;

    /// <summary>Whether this lies after the other in (height, round, step).</summary>
    public bool IsBeyond(SignGuard other) => (Height, Round, Step).CompareTo((other.Height, other.Round, other.Step)) > 0;
}
