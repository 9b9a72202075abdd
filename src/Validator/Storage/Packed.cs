using System.Buffers.Binary;

namespace EventLedger.Validator.Storage;

/// <summary>Many byte strings in one blob with an offset index in front: a count, the end of each string, and the strings.</summary>
public static class Packed
{
    /// <summary>Size of the blob of these strings, in bytes.</summary>
    public static int SizeOf(IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        var size = 4 + (4 * parts.Count);
        foreach (var part in parts)
        {
            size += part.Length;
        }
        return size;
    }

    /// <summary>Writes the blob, every byte of the <see cref="SizeOf"/> bytes that it is given.</summary>
    public static void Pack(IReadOnlyList<ReadOnlyMemory<byte>> parts, Span<byte> blob)
    {
        BinaryPrimitives.WriteInt32LittleEndian(blob, parts.Count);
        var body = blob[(4 + (4 * parts.Count))..];
        var end = 0;
        for (var i = 0; i < parts.Count; i++)
        {
            parts[i].Span.CopyTo(body[end..]);
            end += parts[i].Length;
            BinaryPrimitives.WriteInt32LittleEndian(blob[(4 + (4 * i))..], end);
        }
    }

    /// <summary>The strings as slices of the blob; null when it is not such a blob.</summary>
    public static ReadOnlyMemory<byte>[]? TryUnpack(ReadOnlyMemory<byte> blob)
    {
        var span = blob.Span;
        if (span.Length < 4 || BinaryPrimitives.ReadInt32LittleEndian(span) is var count && (count < 0 || count > (span.Length - 4) / 4))
        {
            return null;
        }
        var (body, parts, start) = (blob[(4 + (4 * count))..], new ReadOnlyMemory<byte>[count], 0);
        for (var i = 0; i < count; i++)
        {
            var end = BinaryPrimitives.ReadInt32LittleEndian(span[(4 + (4 * i))..]);
            if (end < start || end > body.Length)
            {
                return null;
            }
            (parts[i], start) = (body[start..end], end);
        }
        return start == body.Length ? parts : null;
    }
}
