using System.Buffers.Binary;
using System.Security.Cryptography;
using EventLedger.Domain.Kernel;

namespace EventLedger.Validator.Storage;

/// <summary>One block as a row: its columns, and the checksum over all of them that is compared whenever the row is read.</summary>
/// <param name="Height">1-based.</param>
/// <param name="First">Seq of the first entry.</param>
/// <param name="Size">Tree size after the block.</param>
/// <param name="Header">JCS bytes.</param>
/// <param name="Sealed">JCS bytes of the commit.</param>
/// <param name="Rejected">JCS bytes of the rejected list.</param>
/// <param name="Frontier">Roots of the tree's full subtrees, 32 bytes each.</param>
/// <param name="Entries">As <see cref="Packed"/> writes them.</param>
/// <param name="Sidecars">Likewise.</param>
/// <param name="Checksum">SHA-256.</param>
public sealed record BlockRow(long Height, long First, long Size, byte[] Header, byte[] Sealed, byte[] Rejected, byte[] Frontier, ReadOnlyMemory<byte> Entries, ReadOnlyMemory<byte> Sidecars,
    byte[] Checksum)
{
    /// <summary>Packs a block and adds its checksum.</summary>
    public static BlockRow From(StoredBlock b) => From(b, new byte[Packed.SizeOf(b.Entries)], new byte[Packed.SizeOf(b.Sidecars)]);

    /// <summary>The same into memory of the caller's, large enough, which is the row's until it is written.</summary>
    public static BlockRow From(StoredBlock b, Memory<byte> entries, Memory<byte> sidecars)
    {
        var frontier = new byte[Digest.SizeBytes * b.Frontier.Count];
        for (var i = 0; i < b.Frontier.Count; i++)
        {
            b.Frontier[i].CopyTo(frontier.AsSpan(i * Digest.SizeBytes));
        }
        (entries, sidecars) = (entries[..Packed.SizeOf(b.Entries)], sidecars[..Packed.SizeOf(b.Sidecars)]);
        Packed.Pack(b.Entries, entries.Span);
        Packed.Pack(b.Sidecars, sidecars.Span);
        var row = new BlockRow(b.Height, b.First, b.Size, b.Header.ToArray(), b.Commit.ToArray(), b.Rejected.ToArray(), frontier, entries, sidecars, []);
        return row with { Checksum = row.Sum() };
    }

    /// <summary>The block, if this row is whole and the one of that height; throws <see cref="BlockStoreCorruptException"/> otherwise.</summary>
    public StoredBlock ToBlock(long at)
    {
        var (entries, sidecars) = (Packed.TryUnpack(Entries), Packed.TryUnpack(Sidecars));
        if (entries is null || sidecars is null || sidecars.Length != entries.Length)
        {
            throw new BlockStoreCorruptException(at, "its entries cannot be read");
        }
        var frontier = new Digest[Frontier.Length / Digest.SizeBytes];
        for (var i = 0; i < frontier.Length; i++)
        {
            frontier[i] = new(Frontier.AsSpan(i * Digest.SizeBytes, Digest.SizeBytes));
        }
        var block = new StoredBlock(Height, First, Size, Header, Sealed, entries, sidecars, Rejected, frontier);
        return Height == at && Sum().AsSpan().SequenceEqual(Checksum) ? block : throw new BlockStoreCorruptException(at, "its checksum does not match") { Found = block };
    }

    private byte[] Sum()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        ReadOnlySpan<long> numbers = [Height, First, Size, Header.Length, Sealed.Length, Rejected.Length, Frontier.Length, Entries.Length, Sidecars.Length];
        Span<byte> bytes = stackalloc byte[8 * numbers.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes[(8 * i)..], numbers[i]);
        }
        hash.AppendData(bytes);
        hash.AppendData(Header);
        hash.AppendData(Sealed);
        hash.AppendData(Rejected);
        hash.AppendData(Frontier);
        hash.AppendData(Entries.Span);
        hash.AppendData(Sidecars.Span);
        return hash.GetHashAndReset();
    }
}
