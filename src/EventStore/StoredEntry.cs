using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.EventStore;

/// <summary>An entry with the bytes that are sealed.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="Bytes">Its canonical bytes, rebuilt from what the store holds.</param>
/// <param name="Leaf">The leaf hash noted at the append. That it still is the hash of <paramref name="Bytes"/> is for an audit to check.</param>
public sealed record StoredEntry(Entry Entry, ReadOnlyMemory<byte> Bytes, Digest Leaf);

/// <summary>An entry that already has its place, time and bytes: the genesis entry, or what a validator kept.</summary>
/// <param name="Bytes">Its canonical bytes.</param>
/// <param name="Sidecar">Its encrypted disclosures, or nothing.</param>
/// <param name="Uniques">What it claims; empty for an entry that was sealed as rejected.</param>
public sealed record RestoredEntry(ReadOnlyMemory<byte> Bytes, ReadOnlyMemory<byte> Sidecar, IReadOnlyList<UniqueKey> Uniques);

/// <summary>The end of the log.</summary>
/// <param name="Seq">Place of the last entry; 0 when there is none.</param>
/// <param name="Time">Its time.</param>
public readonly record struct Head(long Seq, LedgerTime Time);
