using System.Buffers.Binary;

namespace EventLedger.Validator.Storage;

/// <summary>Many byte strings in one blob with an offset index in front: a count, the end of each string, and the strings.</summary>
public static class Packed
{
    /// <summary>Writes the blob.</summary>
    public static byte[] Pack(IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        var (head, total) = (4 + (4 * parts.Count), 0);
        foreach (var part in parts)
        {
            total += part.Length;
        }
        // Every byte is written below.
        var blob = GC.AllocateUninitializedArray<byte>(head + total);
        BinaryPrimitives.WriteInt32LittleEndian(blob, parts.Count);
        var end = 0;
        for (var i = 0; i < parts.Count; i++)
        {
            parts[i].Span.CopyTo(blob.AsSpan(head + end));
            end += parts[i].Length;
            BinaryPrimitives.WriteInt32LittleEndian(blob.AsSpan(4 + (4 * i)), end);
        }
        return blob;
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
