using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.EventStore;

/// <summary>
/// The truth of what was decided: entries in one gapless order, and the blocks that seal them. Entries are never changed or removed.
/// PostgreSQL keeps it; a twin in memory serves tests, under the same contract.
/// </summary>
public interface IEventStore
{
    /// <summary>Id of the chain whose entries these are.</summary>
    string Chain { get; }

    /// <summary>Why appends are refused at present; null when they are not. The store sets it itself when its database lost entries.</summary>
    string? ReadOnlyReason { get; set; }

    /// <summary>Adds events to one stream. The answer comes after they are safe on disk; concurrent calls share one commit.</summary>
    /// <remarks>Once cancelled the outcome is unknown to the caller, as it is when the process dies.</remarks>
    Task<AppendResult> Append(Append command, CancellationToken cancellation);

    /// <summary>Many appends in one go, in this order; each succeeds or fails alone. At most 4096 at once share a commit.</summary>
    Task<IReadOnlyList<AppendResult>> AppendMany(IReadOnlyList<Append> commands, CancellationToken cancellation);

    /// <summary>Writes entries that already have place and time: they must go on where the log ends. Works while appends are refused.</summary>
    /// <remarks>Throws <see cref="InvalidDataException"/> when an entry is malformed or does not follow.</remarks>
    Task Restore(IReadOnlyList<RestoredEntry> entries, CancellationToken cancellation);

    /// <summary>The end of the log.</summary>
    Task<Head> Head(CancellationToken cancellation);

    /// <summary>All entries of a stream from a version on, ascending; empty when there are none.</summary>
    Task<IReadOnlyList<StoredEntry>> ReadStream(string stream, long fromVersion, CancellationToken cancellation);

    /// <summary>Entries in log order from <paramref name="fromSeq"/> on, without a gap. Empty only past the end; may give fewer than <paramref name="max"/>.</summary>
    Task<IReadOnlyList<StoredEntry>> ReadAll(long fromSeq, int max, CancellationToken cancellation);

    /// <summary>The sidecars of a range of entries, both ends included; entries without one are left out.</summary>
    Task<IReadOnlyDictionary<long, ReadOnlyMemory<byte>>> ReadSidecars(long firstSeq, long lastSeq, CancellationToken cancellation);

    /// <summary>Versions of streams; a stream that does not exist is left out.</summary>
    Task<IReadOnlyDictionary<string, long>> StreamVersions(IReadOnlyCollection<string> streams, CancellationToken cancellation);

    /// <summary>Place of the entry that holds a key; null when it is free.</summary>
    Task<long?> SeqOf(UniqueKey key, CancellationToken cancellation);

    /// <summary>Stores the next sealed block, frees what its rejected entries claimed, and keeps the tree. False when it is already there.</summary>
    /// <remarks>Throws <see cref="InvalidDataException"/> when it does not follow the latest block, another one is there, or entries are missing.</remarks>
    Task<bool> StoreBlock(StoredBlock block, CancellationToken cancellation);

    /// <summary>The block at a height; null when it is not there.</summary>
    Task<StoredBlock?> Block(long height, CancellationToken cancellation);

    /// <summary>The block that seals an entry; null while it is not sealed.</summary>
    Task<StoredBlock?> BlockOf(long seq, CancellationToken cancellation);

    /// <summary>The highest block; null before the first.</summary>
    Task<StoredBlock?> LatestBlock(CancellationToken cancellation);

    /// <summary>The rejected ones among a range of entries, both ends included, ascending.</summary>
    Task<IReadOnlyList<RejectedEntry>> Rejections(long firstSeq, long lastSeq, CancellationToken cancellation);

    /// <summary>The audit path of an entry in the tree of the first <paramref name="size"/> entries.</summary>
    Task<IReadOnlyList<Digest>> InclusionPath(long seq, long size, CancellationToken cancellation);

    /// <summary>Proof that the tree of <paramref name="first"/> entries is a prefix of the tree of <paramref name="second"/>.</summary>
    Task<IReadOnlyList<Digest>> ConsistencyPath(long first, long second, CancellationToken cancellation);

    /// <summary>The tree of the first <paramref name="size"/> entries, to append to.</summary>
    Task<MerkleFrontier> Frontier(long size, CancellationToken cancellation);

    /// <summary>
    /// Hashes of the full subtrees of 256^<paramref name="tileLevel"/> leaves, <paramref name="count"/> of them from <paramref name="index"/> on;
    /// level 0 are the leaves. What a tlog tile is made of.
    /// </summary>
    Task<IReadOnlyList<Digest>> TreeHashes(int tileLevel, long index, int count, CancellationToken cancellation);

    /// <summary>Waits until the log reaches a place; false when the time is over first.</summary>
    Task<bool> WaitForEntry(long seq, TimeSpan timeout, CancellationToken cancellation);

    /// <summary>Waits until the block at a height is stored; false when the time is over first.</summary>
    Task<bool> WaitForBlock(long height, TimeSpan timeout, CancellationToken cancellation);
}
