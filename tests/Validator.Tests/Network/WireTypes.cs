using EventLedger.Validator.Network.Wire;
using EventLedger.Wire;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace EventLedger.Validator.Tests.Network;

/// <summary>All message types of the three published files, read from their descriptors: a type that is added is tested without another word.</summary>
public static class WireTypes
{
    private static readonly long[] Edges = [0, 1, -1, 127, 128, int.MaxValue, int.MinValue, long.MaxValue, long.MinValue];

    /// <summary>Every message type.</summary>
    public static IReadOnlyList<MessageDescriptor> All { get; } =
        [.. new[] { PeerReflection.Descriptor, WalReflection.Descriptor, LedgerReflection.Descriptor }.SelectMany(file => file.MessageTypes)];

    /// <summary>Every way in which a type can hold another, from the type itself (an empty way) down to the innermost.</summary>
    public static IEnumerable<IReadOnlyList<FieldDescriptor>> WaysDown(MessageDescriptor type)
    {
        yield return [];
        foreach (var field in type.Fields.InDeclarationOrder().Where(f => f.FieldType == FieldType.Message))
        {
            foreach (var way in WaysDown(field.MessageType))
            {
                yield return [field, .. way];
            }
        }
    }

    /// <summary>A message with all fields set at random; where fields exclude each other it takes the one on the way down, else any.</summary>
    public static IMessage Fill(MessageDescriptor type, Random random, IReadOnlyList<FieldDescriptor>? way = null)
    {
        var message = type.Parser.ParseFrom(ReadOnlySpan<byte>.Empty);
        var next = way is [var first, ..] ? first : null;
        foreach (var group in type.Fields.InDeclarationOrder().GroupBy(f => f.ContainingOneof is { } oneof ? $"one of {oneof.Name}" : f.Name))
        {
            var field = next is not null && group.Contains(next) ? next : group.ElementAt(random.Next(group.Count()));
            IReadOnlyList<FieldDescriptor>? rest = field == next ? [.. way!.Skip(1)] : null;
            if (field.IsRepeated)
            {
                var list = (System.Collections.IList)field.Accessor.GetValue(message);
                for (var i = random.Next(field == next ? 1 : 0, 6); i > 0; i--)
                {
                    list.Add(Value(field, random, rest));
                }
            }
            else
            {
                field.Accessor.SetValue(message, Value(field, random, rest));
            }
        }
        return message;
    }

    private static object Value(FieldDescriptor field, Random random, IReadOnlyList<FieldDescriptor>? way) => field.FieldType switch
    {
        FieldType.Message => Fill(field.MessageType, random, way),
        FieldType.Int64 => Number(random),
        FieldType.Int32 => (int)Number(random),
        FieldType.Bool => random.Next(2) == 1,
        FieldType.String => Text(random, field.Name is "kid" or "from" ? 43 : random.Next(60)),
        FieldType.Bytes => ByteString.CopyFrom(Bytes(random, field.Name switch
        {
            "value" => random.Next(2) * 32,
            "signature" => 64,
            _ => random.Next(120),
        })),
        _ => throw new InvalidOperationException($"{field.FullName}: a type without a value here"),
    };

    private static long Number(Random random) => random.Next(2) == 0 ? Edges[random.Next(Edges.Length)] : random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64);

    private static string Text(Random random, int length) => string.Concat(Enumerable.Range(0, length).Select(_ => (char)random.Next('!', '~')));

    private static byte[] Bytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
