using EventLedger.Domain.Kernel;

namespace EventLedger.Validator.Storage;

/// <summary>One sealed block as this validator keeps it.</summary>
/// <param name="Height">1-based.</param>
/// <param name="First">Sequence number of the first entry; one more than <paramref name="Size"/> for a heartbeat.</param>
/// <param name="Size">Tree size after the block.</param>
/// <param name="Header">JCS bytes; their SHA-256 is the block's hash.</param>
/// <param name="Commit">JCS bytes.</param>
/// <param name="Entries">JCS bytes of each entry.</param>
/// <param name="Sidecars">One for each entry; empty where there is none.</param>
/// <param name="Rejected">JCS bytes of <c>[[seq, code], …]</c>.</param>
/// <param name="Frontier">Roots of the tree's full subtrees after the block: so its neighbour can be checked without the whole log.</param>
public sealed record StoredBlock(
    long Height, long First, long Size, ReadOnlyMemory<byte> Header, ReadOnlyMemory<byte> Commit,
    IReadOnlyList<ReadOnlyMemory<byte>> Entries, IReadOnlyList<ReadOnlyMemory<byte>> Sidecars,
    ReadOnlyMemory<byte> Rejected, IReadOnlyList<Digest> Frontier);

/// <summary>What a start reads of a block in place of its entries.</summary>
/// <param name="Height">1-based.</param>
/// <param name="Header">JCS bytes.</param>
/// <param name="Rejected">JCS bytes of <c>[[seq, code], …]</c>.</param>
/// <param name="Frontier">Roots of the tree's full subtrees after the block.</param>
/// <param name="Effects">As <see cref="BlockEffects"/> packs them.</param>
public sealed record BlockSummary(long Height, ReadOnlyMemory<byte> Header, ReadOnlyMemory<byte> Rejected, IReadOnlyList<Digest> Frontier, ReadOnlyMemory<byte> Effects);

/// <summary>A stored block that is not what was written: named by its height, so that it can be fetched again.</summary>
public sealed class BlockStoreCorruptException(long height, string what, Exception? inner = null)
    : Exception($"Block {height} in the store is damaged: {what}.", inner)
{
    /// <summary>The height; 0 when the file as a whole cannot be read.</summary>
    public long Height => height;

    /// <summary>What is damaged.</summary>
    public string What => what;

    /// <summary>The row as it was found; null when it cannot be read. Beside the block that was sealed it shows which entry somebody changed.</summary>
    public StoredBlock? Found { get; init; }
}
