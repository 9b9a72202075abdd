using System.Buffers.Binary;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Validator.Storage;

/// <summary>
/// What a block changed in the state of the rules, as bytes: the latest time of a valid entry, the version of this form, the number of streams, then each
/// stream with its facts, then each unique value that was taken, all numbers little-endian. A start folds these where it would otherwise read every entry
/// again. They do not say who may do what: a block that changed that has none, and its entries are read.
/// </summary>
/// <remarks>No hash of the chain covers them. Whoever changes which facts the rules keep, or how they come about, raises the version: a start then reads the entries.</remarks>
public static class BlockEffects
{
    /// <summary>The version that is written and read.</summary>
    public const int Version = 1;

    private const int VersionAt = 8, CountAt = 12, HeadBytes = 16, StreamBytes = 29, UniqueBytes = 16;

    /// <summary>Size of the bytes, at least 16.</summary>
    public static int SizeOf(BatchVerdict v) => HeadBytes + (StreamBytes * v.Streams.Count) + (UniqueBytes * v.Uniques.Count);

    /// <summary>Writes every byte of the <see cref="SizeOf"/> bytes that it is given.</summary>
    public static void Pack(BatchVerdict v, Span<byte> to)
    {
        BinaryPrimitives.WriteInt64LittleEndian(to, v.HighestTime.UnixMs);
        BinaryPrimitives.WriteInt32LittleEndian(to[VersionAt..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(to[CountAt..], v.Streams.Count);
        to = to[HeadBytes..];
        foreach (var (stream, facts) in v.Streams)
        {
            BinaryPrimitives.WriteUInt128LittleEndian(to, stream);
            BinaryPrimitives.WriteInt32LittleEndian(to[16..], facts.Version);
            BinaryPrimitives.WriteInt32LittleEndian(to[20..], facts.RecordVersion);
            BinaryPrimitives.WriteInt32LittleEndian(to[24..], facts.RevokedVersion);
            to[28] = facts.Suspended ? (byte)1 : (byte)0;
            to = to[StreamBytes..];
        }
        foreach (var unique in v.Uniques)
        {
            BinaryPrimitives.WriteUInt128LittleEndian(to, unique);
            to = to[UniqueBytes..];
        }
    }

    /// <summary>Reads them as the verdict on their block, which left authority as it was; null when they are not such bytes of this version.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="rejected">The block's rejected list.</param>
    /// <param name="registry">Authority before the block.</param>
    public static BatchVerdict? TryUnpack(ReadOnlySpan<byte> bytes, IReadOnlyList<Rejected> rejected, Registry registry)
    {
        if (bytes.Length < HeadBytes || BinaryPrimitives.ReadInt32LittleEndian(bytes[VersionAt..]) != Version
            || BinaryPrimitives.ReadInt32LittleEndian(bytes[CountAt..]) is var count && (count < 0 || count > (bytes.Length - HeadBytes) / StreamBytes)
            || (bytes.Length - HeadBytes - (StreamBytes * count)) % UniqueBytes != 0)
        {
            return null;
        }
        var highest = new LedgerTime(BinaryPrimitives.ReadInt64LittleEndian(bytes));
        bytes = bytes[HeadBytes..];
        var streams = new Dictionary<UInt128, StreamFacts>(count);
        for (var i = 0; i < count; i++, bytes = bytes[StreamBytes..])
        {
            var facts = new StreamFacts(BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]), BinaryPrimitives.ReadInt32LittleEndian(bytes[20..]),
                BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]), bytes[28] != 0);
            if (!streams.TryAdd(BinaryPrimitives.ReadUInt128LittleEndian(bytes), facts))
            {
                return null;
            }
        }
        var uniques = new List<UInt128>(bytes.Length / UniqueBytes);
        for (; bytes.Length > 0; bytes = bytes[UniqueBytes..])
        {
            uniques.Add(BinaryPrimitives.ReadUInt128LittleEndian(bytes));
        }
        return new(rejected, registry, highest, streams, uniques);
    }
}
