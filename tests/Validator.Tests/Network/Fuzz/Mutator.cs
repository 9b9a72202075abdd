using System.Buffers.Binary;

namespace EventLedger.Validator.Tests.Network.Fuzz;

/// <summary>
/// Writes a message with some of its fields changed, and then some of its bytes. It knows where fields, lengths and JSON stand, so that most of what it
/// makes gets past the first look. One buffer for all messages: it allocates nothing.
/// </summary>
public sealed class Mutator(IReadOnlyList<(WireNode[] Fields, int Count)> corpus)
{
    private const int BytesMax = 256 << 10, HeadBytes = 5, ChangesMax = 3;
    private static readonly byte[] JsonBytes = [.. "{}[]\",:\\u0019-.eE+tfn \0"u8, 0x80, 0xC3, 0xED, 0xA0, 0xFF];
    private static readonly ulong[] Numbers = [0, 1, 127, 128, 4096, 4097, int.MaxValue, 1ul << 31, long.MaxValue, ulong.MaxValue, ulong.MaxValue - 1];
    private readonly byte[] buffer = new byte[BytesMax];
    private readonly int[] targets = new int[ChangesMax];
    private int at, visited;
    private Dice dice;
    private bool isMild;

    /// <summary>The frame of a changed message; valid until the next one is made.</summary>
    /// <param name="item">Which of the corpus.</param>
    /// <param name="random">All chance.</param>
    /// <param name="isMild">Changes values only, so that most of it is a message still.</param>
    public ReadOnlyMemory<byte> Frame(int item, Dice random, bool isMild = false)
    {
        (dice, at, visited, this.isMild) = (random, HeadBytes, 0, isMild);
        for (var i = 0; i < ChangesMax; i++)
        {
            targets[i] = i == 0 || dice.OneIn(3) ? dice.Below(corpus[item].Count) : -1;
        }
        Write(corpus[item].Fields);
        if (!isMild && dice.OneIn(3))
        {
            Scratch();
        }
        buffer[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(buffer.AsSpan(1), at - HeadBytes);
        if (!isMild && dice.OneIn(64))
        {
            buffer[dice.Below(HeadBytes)] = (byte)dice.Next();
        }
        return buffer.AsMemory(0, at);
    }

    private void Write(WireNode[] nodes)
    {
        foreach (var node in nodes)
        {
            if (Array.IndexOf(targets, visited++) >= 0)
            {
                Change(node);
            }
            else
            {
                Write(node, node.Field, node.Children is null && node.Bytes is null ? 0 : 2);
            }
        }
    }

    private void Write(WireNode node, int field, int wireType)
    {
        Varint(((ulong)field << 3) | (uint)wireType);
        if (wireType == 2)
        {
            Lengthened(node, 0);
        }
        else if (wireType == 0)
        {
            Varint(node.Number);
        }
    }

    // The content first, then its length before it, or a wrong one.
    private void Lengthened(WireNode node, long error)
    {
        var start = at;
        if (node.Children is { } children)
        {
            Write(children);
        }
        else
        {
            Put(node.Bytes ?? []);
        }
        Prefix(start, at - start + error);
    }

    private void Prefix(int start, long length)
    {
        Span<byte> varint = stackalloc byte[10];
        var size = 0;
        for (var rest = (ulong)length; ; rest >>= 7)
        {
            varint[size++] = (byte)(rest < 0x80 ? rest : rest | 0x80);
            if (rest < 0x80)
            {
                break;
            }
        }
        if (at + size > BytesMax)
        {
            return;
        }
        buffer.AsSpan(start, at - start).CopyTo(buffer.AsSpan(start + size));
        varint[..size].CopyTo(buffer.AsSpan(start));
        at += size;
    }

    private void Change(WireNode node)
    {
        var isNumber = node.Children is null && node.Bytes is null;
        switch (isMild ? Mild(node, isNumber) : dice.Below(12))
        {
            case 0: break;
            case 1: Repeat(node, isNumber, 2); break;
            case 2: Repeat(node, isNumber, dice.OneIn(8) ? 200 : 5); break;
            case 3: Empties(node.Field, dice.OneIn(16) ? 8192 : dice.Below(64)); break;
            case 4:
                Varint((ulong)node.Field << 3);
                Varint(dice.OneIn(2) ? Numbers[dice.Below(Numbers.Length)] : dice.Next());
                break;
            case 5: Write(node, node.Field, dice.Below(8)); break;
            case 6: Write(node, dice.OneIn(4) ? (int)(dice.Next() >> 35) : dice.Below(20), isNumber ? 0 : 2); break;
            case 7:
                Varint(((ulong)node.Field << 3) | 2);
                Lengthened(node, dice.OneIn(2) ? dice.Below(9) - 4 : (long)Numbers[dice.Below(Numbers.Length)]);
                break;
            case 8: Write(Other(), node.Field, 2); break;
            case 9: Nest(node, dice.OneIn(8) ? 300 : 3); break;
            default: Rewrite(node, isNumber); break;
        }
    }

    // Left out, said twice, another number, another's bytes, or some of its own bytes changed.
    private int Mild(WireNode node, bool isNumber) => dice.Below(8) switch
    {
        0 => 0,
        1 when node.Children is not null => 1,
        < 5 when isNumber => 4,
        < 4 when node.Bytes is not null => 8,
        _ when isNumber => 4,
        _ => 10,
    };

    private void Repeat(WireNode node, bool isNumber, int times)
    {
        for (var i = 0; i < times; i++)
        {
            Write(node, node.Field, isNumber ? 0 : 2);
        }
    }

    private void Empties(int field, int times)
    {
        for (var i = 0; i < times; i++)
        {
            Varint(((ulong)field << 3) | 2);
            Varint(0);
        }
    }

    private WireNode Other()
    {
        var nodes = corpus[dice.Below(corpus.Count)].Fields;
        var node = nodes[dice.Below(nodes.Length)];
        return node.Children is { Length: > 0 } inner && dice.OneIn(2) ? inner[dice.Below(inner.Length)] : node;
    }

    private void Nest(WireNode node, int depth)
    {
        var start = at;
        Write(node, node.Field, 2);
        for (var i = 0; i < depth; i++)
        {
            Prefix(start, at - start);
            Prefix(start, ((long)node.Field << 3) | 2);
        }
    }

    // The same length or nearly, other content: JSON gets what has a meaning in JSON.
    private void Rewrite(WireNode node, bool isNumber)
    {
        var start = at;
        Write(node, node.Field, isNumber ? 0 : 2);
        var isJson = node.Bytes is [(byte)'{' or (byte)'[', ..];
        for (var i = 1 + dice.Below(3); i > 0 && at > start + 1; i--)
        {
            buffer[start + 1 + dice.Below(at - start - 1)] = isJson ? JsonBytes[dice.Below(JsonBytes.Length)] : (byte)dice.Next();
        }
    }

    private void Scratch()
    {
        for (var i = 1 + dice.Below(3); i > 0 && at > HeadBytes; i--)
        {
            var (from, length) = (HeadBytes + dice.Below(at - HeadBytes), 1 + dice.Below(dice.OneIn(8) ? 300 : 4));
            length = Math.Min(length, at - from);
            switch (dice.Below(4))
            {
                case 0: buffer[from] ^= (byte)(1 << dice.Below(8)); break;
                case 1:
                    buffer.AsSpan(from + length, at - from - length).CopyTo(buffer.AsSpan(from));
                    at -= length;
                    break;
                case 2 when at + length <= BytesMax:
                    buffer.AsSpan(from, at - from).CopyTo(buffer.AsSpan(from + length));
                    at += length;
                    break;
                default: at = from; break;
            }
        }
    }

    private void Varint(ulong value)
    {
        while (value >= 0x80)
        {
            Put((byte)(value | 0x80));
            value >>= 7;
        }
        Put((byte)value);
    }

    private void Put(byte value)
    {
        if (at < BytesMax)
        {
            buffer[at++] = value;
        }
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        bytes = bytes[..Math.Min(bytes.Length, BytesMax - at)];
        bytes.CopyTo(buffer.AsSpan(at));
        at += bytes.Length;
    }
}
