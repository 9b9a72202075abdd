using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace EventLedger.Validator.Tests.Network.Fuzz;

/// <summary>One field of a message as it stands on the wire; a message in a field is a list of such again.</summary>
public sealed class WireNode
{
    private WireNode(int field, ulong number, byte[]? bytes, WireNode[]? children) => (Field, Number, Bytes, Children) = (field, number, bytes, children);

    public int Field { get; }

    public ulong Number { get; }

    /// <summary>Bytes or text; null for a number or a message.</summary>
    public byte[]? Bytes { get; }

    /// <summary>Fields of the message; null when it is none.</summary>
    public WireNode[]? Children { get; }

    /// <summary>Nodes under and with this one.</summary>
    public int Count => 1 + (Children?.Sum(c => c.Count) ?? 0);

    /// <summary>Takes a message apart.</summary>
    public static WireNode[] Read(MessageDescriptor type, byte[] message)
    {
        var (input, nodes) = (new CodedInputStream(message), new List<WireNode>());
        while (input.ReadTag() is not 0 and var tag)
        {
            var field = type.FindFieldByNumber((int)(tag >> 3));
            nodes.Add(field.FieldType switch
            {
                FieldType.Message when input.ReadBytes().ToByteArray() is var bytes => new((int)(tag >> 3), 0, null, Read(field.MessageType, bytes)),
                FieldType.Bytes or FieldType.String => new((int)(tag >> 3), 0, input.ReadBytes().ToByteArray(), null),
                // Repeated numbers stand packed.
                _ when (tag & 7) == 2 => new((int)(tag >> 3), 0, input.ReadBytes().ToByteArray(), null),
                _ => new((int)(tag >> 3), input.ReadUInt64(), null, null),
            });
        }
        return [.. nodes];
    }
}
