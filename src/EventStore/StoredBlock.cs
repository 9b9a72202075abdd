using EventLedger.Domain.Kernel;

namespace EventLedger.EventStore;

/// <summary>A sealed block as the host keeps it.</summary>
/// <param name="Height">1 and up, no gaps.</param>
/// <param name="First">Seq of its first entry; <c>Size + 1</c> for a heartbeat.</param>
/// <param name="Size">Tree size after it.</param>
/// <param name="Time">The header's time.</param>
/// <param name="Header">JCS of the header.</param>
/// <param name="Commit">JCS of the commit.</param>
/// <param name="Rejected">Its rejected entries, ascending.</param>
public sealed record StoredBlock(
    long Height, long First, long Size, LedgerTime Time, ReadOnlyMemory<byte> Header, ReadOnlyMemory<byte> Commit, IReadOnlyList<RejectedEntry> Rejected);

/// <summary>An entry that was sealed with no effect.</summary>
/// <param name="Seq">Its place.</param>
/// <param name="Code">Why.</param>
public readonly record struct RejectedEntry(long Seq, string Code);
