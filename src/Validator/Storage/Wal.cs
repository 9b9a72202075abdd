using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;

namespace EventLedger.Validator.Storage;

/// <summary>
/// The write-ahead log of consensus: what this validator is about to sign stands here, on disk, before it leaves.
/// A file is 16 bytes of head (magic, id) and frames of length, CRC-32C, a CRC-32C of these two, and payload; one frame is one flush.
/// </summary>
public sealed class Wal : IDisposable
{
    /// <summary>Largest payload of one frame, in bytes.</summary>
    public const int FrameBytesMax = 6 << 20;

    private const int HeadBytes = 16, FrameHeadBytes = 12;
    private const long Magic = 0x314C41574C45; // "ELWAL1"
    private readonly IDiskFile file;

    private Wal(IDiskFile file, long id, long length, IReadOnlyList<ReadOnlyMemory<byte>> frames) =>
        (this.file, Id, LengthBytes, Frames) = (file, id, length, frames);

    /// <summary>Which log this is: the sign guard names the one it goes with.</summary>
    public long Id { get; }

    /// <summary>Length of the file in bytes.</summary>
    public long LengthBytes { get; private set; }

    /// <summary>The frames that were there when it was opened, oldest first.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Frames { get; }

    /// <summary>Starts an empty log; whoever calls makes its name durable.</summary>
    public static Wal Create(IDisk disk, string name, long id)
    {
        var file = disk.Create(name);
        Span<byte> head = stackalloc byte[HeadBytes];
        BinaryPrimitives.WriteInt64LittleEndian(head, Magic);
        BinaryPrimitives.WriteInt64LittleEndian(head[8..], id);
        file.Write(head, 0);
        file.Flush();
        return new(file, id, HeadBytes, []);
    }

    /// <summary>
    /// Opens a log and cuts a torn tail off: a frame whose flush did not end was never sent. Null when there is no such log or
    /// it is damaged before its tail, for then what was signed is not known.
    /// </summary>
    public static Wal? TryOpen(IDisk disk, string name, long id)
    {
        if (disk.Read(name) is not { } bytes || bytes.Length < HeadBytes || BinaryPrimitives.ReadInt64LittleEndian(bytes) != Magic || BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(8)) != id)
        {
            return null;
        }
        var frames = new List<ReadOnlyMemory<byte>>();
        var at = HeadBytes;
        while (TryFrame(bytes, at) is { } payload)
        {
            frames.Add(payload);
            at += FrameHeadBytes + payload.Length;
        }
        if (!IsTornTail(bytes, at))
        {
            return null;
        }
        var file = disk.Open(name);
        if (at < bytes.Length)
        {
            file.Cut(at);
            file.Flush();
        }
        return new(file, id, at, frames);
    }

    /// <summary>Appends one frame and returns when it is on disk.</summary>
    public void Append(ReadOnlySpan<byte> payload)
    {
        if (payload.Length is 0 or > FrameBytesMax)
        {
            throw new ArgumentException($"A frame holds 1 to {FrameBytesMax} bytes.", nameof(payload));
        }
        // A frame may hold a whole batch: a new array for each would be a large object a block.
        var rented = ArrayPool<byte>.Shared.Rent(FrameHeadBytes + payload.Length);
        var frame = rented.AsSpan(0, FrameHeadBytes + payload.Length);
        BinaryPrimitives.WriteInt32LittleEndian(frame, payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[4..], Crc(payload));
        BinaryPrimitives.WriteUInt32LittleEndian(frame[8..], Crc(frame[..8]));
        payload.CopyTo(frame[FrameHeadBytes..]);
        file.Write(frame, LengthBytes);
        file.Flush();
        LengthBytes += frame.Length;
        ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => file.Dispose();

    private static ReadOnlyMemory<byte>? TryFrame(byte[] bytes, int at)
    {
        if (bytes.Length - at < FrameHeadBytes)
        {
            return null;
        }
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));
        if (length is <= 0 or > FrameBytesMax || length > bytes.Length - at - FrameHeadBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 8)) != Crc(bytes.AsSpan(at, 8)))
        {
            return null;
        }
        var payload = bytes.AsMemory(at + FrameHeadBytes, length);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 4)) == Crc(payload.Span) ? payload : null;
    }

    // Only the last flush can be torn, and it was one frame: so whatever follows must not contain another whole frame. A frame
    // that is damaged while a later one is whole is bit rot, and the votes in it must not be forgotten.
    private static bool IsTornTail(byte[] bytes, int at)
    {
        for (var next = at + 1; next < bytes.Length; next++)
        {
            if (TryFrame(bytes, next) is not null)
            {
                return false;
            }
        }
        return true;
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = BitOperations.Crc32C(uint.MaxValue, (uint)bytes.Length);
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }
        foreach (var b in bytes)
        {
            crc = BitOperations.Crc32C(crc, b);
        }
        return ~crc;
    }
}
