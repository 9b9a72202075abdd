using System.Buffers.Binary;
using System.Security.Cryptography;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Validator.Storage;

/// <summary>
/// One block as a row: its columns, and a checksum over all of them that is compared whenever the block is read. What a start reads in its place has a
/// checksum of its own; where that does not match, the block still tells.
/// </summary>
/// <param name="Height">1-based.</param>
/// <param name="First">Seq of the first entry.</param>
/// <param name="Size">Tree size after the block.</param>
/// <param name="Header">JCS bytes.</param>
/// <param name="Sealed">JCS bytes of the commit.</param>
/// <param name="Rejected">JCS bytes of the rejected list.</param>
/// <param name="Frontier">Roots of the tree's full subtrees, 32 bytes each.</param>
/// <param name="Entries">As <see cref="Packed"/> writes them.</param>
/// <param name="Sidecars">Likewise.</param>
/// <param name="Checksum">SHA-256 of the columns before it.</param>
/// <param name="Effects">As <see cref="BlockEffects"/> packs them; empty where only the entries tell.</param>
/// <param name="SummaryChecksum">SHA-256 of height, header, rejected list, frontier and effects; empty without effects.</param>
public sealed record BlockRow(long Height, long First, long Size, byte[] Header, byte[] Sealed, byte[] Rejected, byte[] Frontier, ReadOnlyMemory<byte> Entries, ReadOnlyMemory<byte> Sidecars,
    byte[] Checksum, ReadOnlyMemory<byte> Effects, byte[] SummaryChecksum)
{
    /// <summary>Packs a block and what it changed and adds the checksums.</summary>
    /// <param name="b">The block.</param>
    /// <param name="effects">What it changed; null when its entries must tell.</param>
    /// <param name="rent">Gives memory of a size, which is the row's until it is written.</param>
    public static BlockRow From(StoredBlock b, BatchVerdict? effects, Func<int, Memory<byte>> rent)
    {
        var frontier = new byte[Digest.SizeBytes * b.Frontier.Count];
        for (var i = 0; i < b.Frontier.Count; i++)
        {
            b.Frontier[i].CopyTo(frontier.AsSpan(i * Digest.SizeBytes));
        }
        var (entries, sidecars) = (rent(Packed.SizeOf(b.Entries)), rent(Packed.SizeOf(b.Sidecars)));
        Packed.Pack(b.Entries, entries.Span);
        Packed.Pack(b.Sidecars, sidecars.Span);
        var changed = effects is null ? default : rent(BlockEffects.SizeOf(effects));
        if (effects is not null)
        {
            BlockEffects.Pack(effects, changed.Span);
        }
        var row = new BlockRow(b.Height, b.First, b.Size, b.Header.ToArray(), b.Commit.ToArray(), b.Rejected.ToArray(), frontier, entries, sidecars, [], changed, []);
        return row with { Checksum = row.Sum(), SummaryChecksum = effects is null ? [] : row.SumOfSummary() };
    }

    /// <summary>The block, if this row is whole and the one of that height; throws <see cref="BlockStoreCorruptException"/> otherwise.</summary>
    public StoredBlock ToBlock(long at)
    {
        var (entries, sidecars) = (Packed.TryUnpack(Entries), Packed.TryUnpack(Sidecars));
        if (entries is null || sidecars is null || sidecars.Length != entries.Length)
        {
            throw new BlockStoreCorruptException(at, "its entries cannot be read");
        }
        var block = new StoredBlock(Height, First, Size, Header, Sealed, entries, sidecars, Rejected, Roots());
        return Height == at && Sum().AsSpan().SequenceEqual(Checksum) ? block
            : throw new BlockStoreCorruptException(at, "its checksum does not match") { Found = block };
    }

    /// <summary>What a start reads; null when it is not there or not whole, and the block itself must tell.</summary>
    public BlockSummary? ToSummary() => !Effects.IsEmpty && SumOfSummary().AsSpan().SequenceEqual(SummaryChecksum) ? new(Height, Header, Rejected, Roots(), Effects) : null;

    private Digest[] Roots()
    {
        var roots = new Digest[Frontier.Length / Digest.SizeBytes];
        for (var i = 0; i < roots.Length; i++)
        {
            roots[i] = new(Frontier.AsSpan(i * Digest.SizeBytes, Digest.SizeBytes));
        }
        return roots;
    }

    private byte[] Sum() => Sum([Height, First, Size], [Header, Sealed, Rejected, Frontier, Entries, Sidecars]);

    private byte[] SumOfSummary() => Sum([Height], [Header, Rejected, Frontier, Effects]);

    // The lengths go first, so that no byte can pass from one column to the next.
    private static byte[] Sum(ReadOnlySpan<long> numbers, ReadOnlySpan<ReadOnlyMemory<byte>> columns)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> bytes = stackalloc byte[8];
        foreach (var number in numbers)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
            hash.AppendData(bytes);
        }
        foreach (var column in columns)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes, column.Length);
            hash.AppendData(bytes);
        }
        foreach (var column in columns)
        {
            hash.AppendData(column.Span);
        }
        return hash.GetHashAndReset();
    }
}
