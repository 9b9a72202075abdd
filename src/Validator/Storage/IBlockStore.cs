using EventLedger.Domain.Ledger;

namespace EventLedger.Validator.Storage;

/// <summary>All sealed blocks as the node uses them: a file of its own in the process, memory that crashes, ages and rots in the simulator.</summary>
public interface IBlockStore
{
    /// <summary>Height of the newest block; 0 when there is none.</summary>
    long Height { get; }

    /// <summary>Stores the next block, or replaces a damaged one; returns when it is on disk.</summary>
    /// <param name="block">The block.</param>
    /// <param name="effects">What it changed; null when a start has to learn that from its entries.</param>
    void Write(StoredBlock block, BatchVerdict? effects);

    /// <summary>Reads one block; null above the head. Throws <see cref="BlockStoreCorruptException"/> when it is missing or damaged.</summary>
    StoredBlock? Read(long at);

    /// <summary>
    /// Reads what a start needs of each block from a height up to the head, ascending; null in the place of one that itself must tell. Throws
    /// <see cref="BlockStoreCorruptException"/> where the rows cannot be read.
    /// </summary>
    IEnumerable<BlockSummary?> ReadSummaries(long from);
}
