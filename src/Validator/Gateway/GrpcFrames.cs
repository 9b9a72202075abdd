using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Google.Protobuf;

namespace EventLedger.Wire;

/// <summary>The framing of gRPC: a zero byte (no compression), the length in four bytes, the message.</summary>
/// <remarks>Both ends use this file: the validator's server and whoever calls it.</remarks>
public static class GrpcFrames
{
    /// <summary>Bytes before each message.</summary>
    public const int HeadBytes = 5;

    /// <summary>Largest message on any stream, in bytes: 1 MiB of entries, 4 MiB of sidecars, and what frames 4096 items.</summary>
    public const int MessageBytesMax = (5 << 20) + (256 << 10);

    /// <summary>One message with its head.</summary>
    public static byte[] Encode(IMessage message)
    {
        var size = message.CalculateSize();
        var frame = GC.AllocateUninitializedArray<byte>(HeadBytes + size);
        frame[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), size);
        message.WriteTo(frame.AsSpan(HeadBytes));
        return frame;
    }

    /// <summary>Writes one message with its head, without an array between.</summary>
    public static void Write(IBufferWriter<byte> writer, IMessage message)
    {
        var size = message.CalculateSize();
        var span = writer.GetSpan(HeadBytes + size);
        span[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(span[1..], size);
        message.WriteTo(span.Slice(HeadBytes, size));
        writer.Advance(HeadBytes + size);
    }

    /// <summary>
    /// Reads one message; null at the end. Its length is checked before it is read: <see cref="GrpcException"/> with
    /// resource-exhausted when it is too large, unimplemented when it is compressed, internal when it is cut or not protobuf.
    /// </summary>
    public static async ValueTask<T?> ReadAsync<T>(PipeReader reader, MessageParser<T> parser, int bytesMax, CancellationToken ct)
        where T : class, IMessage<T> =>
        await ReadHeadAsync(reader, bytesMax, ct) is { } size ? await ReadBodyAsync(reader, size, bytes => Parse(parser, bytes), ct) : null;

    /// <summary>Reads the head of the next message and returns the message's size in bytes; null at the end.</summary>
    public static async ValueTask<int?> ReadHeadAsync(PipeReader reader, int bytesMax, CancellationToken ct)
    {
        var read = await reader.ReadAtLeastAsync(HeadBytes, ct);
        if (read.Buffer.IsEmpty)
        {
            return null;
        }
        var size = Head(read.Buffer, bytesMax);
        reader.AdvanceTo(read.Buffer.GetPosition(HeadBytes));
        return size;
    }

    /// <summary>The first byte of the message whose head was read; nothing is taken.</summary>
    public static async ValueTask<byte> PeekAsync(PipeReader reader, CancellationToken ct)
    {
        var read = await reader.ReadAtLeastAsync(1, ct);
        var first = read.Buffer.IsEmpty ? throw Truncated() : read.Buffer.FirstSpan[0];
        reader.AdvanceTo(read.Buffer.Start);
        return first;
    }

    /// <summary>Reads the message whose head was read. What <paramref name="parse"/> gets is gone when it returns.</summary>
    public static async ValueTask<T> ReadBodyAsync<T>(PipeReader reader, int size, Func<ReadOnlySequence<byte>, T> parse, CancellationToken ct)
    {
        if (size == 0)
        {
            // Nothing more need come after an empty message, so nothing is waited for.
            return parse(ReadOnlySequence<byte>.Empty);
        }
        var read = await reader.ReadAtLeastAsync(size, ct);
        if (read.Buffer.Length < size)
        {
            throw Truncated();
        }
        var parsed = parse(read.Buffer.Slice(0, size));
        reader.AdvanceTo(read.Buffer.GetPosition(size));
        return parsed;
    }

    /// <summary>Steps over the message whose head was read, holding none of it.</summary>
    public static async ValueTask SkipAsync(PipeReader reader, int size, CancellationToken ct)
    {
        for (long left = size; left > 0;)
        {
            var read = await reader.ReadAtLeastAsync(1, ct);
            if (read.Buffer.IsEmpty)
            {
                throw Truncated();
            }
            var taken = Math.Min(left, read.Buffer.Length);
            reader.AdvanceTo(read.Buffer.GetPosition(taken));
            left -= taken;
        }
    }

    /// <summary>Parses one message; <see cref="GrpcException"/> with internal when it is none.</summary>
    public static T Parse<T>(MessageParser<T> parser, ReadOnlySequence<byte> bytes)
        where T : class, IMessage<T>
    {
        try
        {
            return parser.ParseFrom(bytes);
        }
        // A length near 2^31 overflows in the parser, which then runs over the end of its buffer instead of saying so.
        catch (Exception e) when (e is InvalidProtocolBufferException or IndexOutOfRangeException or ArgumentOutOfRangeException)
        {
            throw new GrpcException(GrpcCode.Internal, e.Message);
        }
    }

    private static int Head(ReadOnlySequence<byte> buffer, int bytesMax)
    {
        if (buffer.Length < HeadBytes)
        {
            throw Truncated();
        }
        Span<byte> head = stackalloc byte[HeadBytes];
        buffer.Slice(0, HeadBytes).CopyTo(head);
        if (head[0] != 0)
        {
            throw new GrpcException(GrpcCode.Unimplemented, "compression is not supported");
        }
        var size = BinaryPrimitives.ReadUInt32BigEndian(head[1..]);
        return size <= bytesMax ? (int)size : throw new GrpcException(GrpcCode.ResourceExhausted, $"a message has at most {bytesMax} bytes");
    }

    private static GrpcException Truncated() => new(GrpcCode.Internal, "truncated frame");
}

/// <summary>The status codes of gRPC that are used here.</summary>
public enum GrpcCode
{
    /// <summary>Success.</summary>
    Ok = 0,
    /// <summary>The caller went away.</summary>
    Cancelled = 1,
    /// <summary>The request itself is wrong.</summary>
    InvalidArgument = 3,
    /// <summary>The caller's deadline passed.</summary>
    DeadlineExceeded = 4,
    /// <summary>The caller's key may not do this.</summary>
    PermissionDenied = 7,
    /// <summary>Too large, or too much at once.</summary>
    ResourceExhausted = 8,
    /// <summary>No such method or option.</summary>
    Unimplemented = 12,
    /// <summary>A fault of the transport or of the other side.</summary>
    Internal = 13,
    /// <summary>Not now; try again.</summary>
    Unavailable = 14,
    /// <summary>Stored data is damaged.</summary>
    DataLoss = 15,
}

/// <summary>A call that ended with a status other than Ok.</summary>
public sealed class GrpcException(GrpcCode code, string message) : Exception(message)
{
    /// <summary>The status.</summary>
    public GrpcCode Code => code;
}
