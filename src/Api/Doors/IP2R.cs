using EventLedger.Domain.Kernel;

namespace EventLedger.Api.Doors;

/// <summary>P2R, from Representation to Processing: what Representation has put into the log is sealed there, and the result comes back. Source: ITU-T Y.4561 (08/2020) 7.3.5, 8.6.</summary>
public interface IP2R
{
    /// <summary>Waits until an entry is sealed; null when the time is over first.</summary>
    Task<SealResult?> Result(long seq, TimeSpan wait, CancellationToken cancellation);

    /// <summary>The proof bundle of a sealed record as bytes; null when it cannot be had now.</summary>
    Task<byte[]?> Proof(long seq, CancellationToken cancellation);
}

/// <summary>What became of an entry.</summary>
/// <param name="Height">The block that holds it.</param>
/// <param name="Time">When the block was sealed.</param>
/// <param name="Code">Why it was sealed as rejected; null when it is valid.</param>
public sealed record SealResult(long Height, LedgerTime Time, string? Code);
