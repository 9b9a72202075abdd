using System.Buffers;
using EventLedger.Validator.Network.Wire;
using Google.Protobuf.Reflection;
using Kind = EventLedger.Validator.Network.Wire.PeerMessage.BodyOneofCase;

namespace EventLedger.Validator.Network;

/// <summary>
/// Looks at a message's wire bytes before they are parsed: exactly one body of a known kind, of known fields, and no more items than
/// its kind may have. An encoder of this version writes nothing else, and without this look a message of a few megabytes can name millions of
/// empty items, each of which costs many times its bytes.
/// </summary>
public static class PeerEnvelope
{
    private const int WireVarint = 0, WireBytes = 2, BodiesMax = 16, FieldsMax = 8;

    // By kind and field: 0 no such field, 1 a number, 2 bytes or a message, 3 a repeated one.
    private static readonly byte[] Shapes = ReadShapes();

    /// <summary>The kind that the first byte of a message names; <see cref="Kind.None"/> for any that is none.</summary>
    public static Kind KindOf(byte first) => (first & 7) == WireBytes && PeerLimits.Of((Kind)(first >> 3)) is not null ? (Kind)(first >> 3) : Kind.None;

    /// <summary>Whether the bytes are one body of this kind within its limit.</summary>
    public static bool IsWithin(ReadOnlySequence<byte> message, Kind kind, PeerLimit limit)
    {
        var reader = new SequenceReader<byte>(message);
        if (message.Length > limit.BytesMax || !TryVarint(ref reader, out var tag) || tag != (((ulong)kind << 3) | WireBytes)
            || !TryVarint(ref reader, out var size) || (long)size != reader.Remaining)
        {
            return false;
        }
        Span<int> seen = stackalloc int[FieldsMax];
        seen.Clear();
        while (!reader.End)
        {
            if (!TryField(ref reader, kind, limit, seen))
            {
                return false;
            }
        }
        return true;
    }

    private static bool TryField(ref SequenceReader<byte> reader, Kind kind, PeerLimit limit, scoped Span<int> seen)
    {
        if (!TryVarint(ref reader, out var tag) || tag >> 3 is 0 or >= FieldsMax)
        {
            return false;
        }
        var field = (int)(tag >> 3);
        var shape = Shapes[((int)kind * FieldsMax) + field];
        if (shape == 0 || (int)(tag & 7) != (shape == 1 ? WireVarint : WireBytes) || ++seen[field] > (shape == 3 ? limit.ItemsMax : 1)
            || !TryVarint(ref reader, out var value))
        {
            return false;
        }
        if (shape == 1)
        {
            return true;
        }
        if (value > (ulong)reader.Remaining || (shape == 2 && value > (ulong)Math.Max(limit.PartBytesMax, 64)))
        {
            return false;
        }
        reader.Advance((long)value);
        return true;
    }

    private static bool TryVarint(ref SequenceReader<byte> reader, out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (!reader.TryRead(out var next))
            {
                return false;
            }
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return true;
            }
        }
        return false;
    }

    private static byte[] ReadShapes()
    {
        var shapes = new byte[BodiesMax * FieldsMax];
        foreach (var body in PeerMessage.Descriptor.Fields.InDeclarationOrder())
        {
            foreach (var field in body.MessageType.Fields.InDeclarationOrder())
            {
                var isNumber = field.FieldType is FieldType.Int64 or FieldType.Int32;
                shapes[(body.FieldNumber * FieldsMax) + field.FieldNumber] = (byte)(isNumber ? 1 : field.IsRepeated ? 3 : 2);
            }
        }
        return shapes;
    }
}
