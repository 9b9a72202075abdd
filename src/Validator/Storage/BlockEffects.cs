using System.Buffers.Binary;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Validator.Storage;

/// <summary>
/// What a block changed in the state of the rules, as bytes: the latest time of a valid entry, then each stream with its facts, then each unique value that
/// was taken, all numbers little-endian. A start folds these where it would otherwise read every entry again. They do not say who may do what: a block
/// that changed that has none, and its entries are read.
/// </summary>
public static class BlockEffects
{
    private const int HeadBytes = 16, StreamBytes = 29, UniqueBytes = 16;

    /// <summary>Size of the bytes, at least 16.</summary>
    public static int SizeOf(BatchVerdict v) => HeadBytes + (StreamBytes * v.Streams.Count) + (UniqueBytes * v.Uniques.Count);

    /// <summary>Writes every byte of the <see cref="SizeOf"/> bytes that it is given.</summary>
    public static void Pack(BatchVerdict v, Span<byte> to)
    {
        BinaryPrimitives.WriteInt64LittleEndian(to, v.HighestTime.UnixMs);
        BinaryPrimitives.WriteInt64LittleEndian(to[8..], v.Streams.Count);
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

    /// <summary>Reads them as the verdict on their block, which left authority as it was; null when they are not such bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="rejected">The block's rejected list.</param>
    /// <param name="registry">Authority before the block.</param>
    public static BatchVerdict? TryUnpack(ReadOnlySpan<byte> bytes, IReadOnlyList<Rejected> rejected, Registry registry)
    {
        if (bytes.Length < HeadBytes || BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]) is var count && (count < 0 || count > (bytes.Length - HeadBytes) / StreamBytes)
            || (bytes.Length - HeadBytes - (StreamBytes * count)) % UniqueBytes != 0)
        {
            return null;
        }
        var highest = new LedgerTime(BinaryPrimitives.ReadInt64LittleEndian(bytes));
        bytes = bytes[HeadBytes..];
        var streams = new Dictionary<UInt128, StreamFacts>((int)count);
        for (; streams.Count < count; bytes = bytes[StreamBytes..])
        {
            streams[BinaryPrimitives.ReadUInt128LittleEndian(bytes)] = new(BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]),
                BinaryPrimitives.ReadInt32LittleEndian(bytes[20..]), BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]), bytes[28] != 0);
        }
        var uniques = new List<UInt128>(bytes.Length / UniqueBytes);
        for (; bytes.Length > 0; bytes = bytes[UniqueBytes..])
        {
            uniques.Add(BinaryPrimitives.ReadUInt128LittleEndian(bytes));
        }
        return new(rejected, registry, highest, streams, uniques);
    }
}
