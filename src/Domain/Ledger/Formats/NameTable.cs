using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace EventLedger.Domain.Ledger.Formats;

/// <summary>Numbers a fixed set of names, found by their UTF-8 bytes without making a string of each member read.</summary>
internal sealed class NameTable
{
    private readonly byte[][] names;
    private readonly int[] slots;

    public NameTable(IEnumerable<string> distinct)
    {
        names = [.. distinct.Select(Encoding.UTF8.GetBytes)];
        slots = new int[BitOperations.RoundUpToPowerOf2((uint)(names.Length * 2) + 1)];
        for (var i = 0; i < names.Length; i++)
        {
            var slot = Hash(names[i]);
            while (slots[slot & (slots.Length - 1)] != 0)
            {
                slot++;
            }
            slots[slot & (slots.Length - 1)] = i + 1;
        }
    }

    public int Count => names.Length;

    public string this[int index] => Encoding.UTF8.GetString(names[index]);

    /// <summary>The number of a name, from 0; -1 when it is none of them.</summary>
    public int Find(ReadOnlySpan<byte> name)
    {
        for (var slot = Hash(name); ; slot++)
        {
            var index = slots[slot & (slots.Length - 1)] - 1;
            if (index < 0 || name.SequenceEqual(names[index]))
            {
                return index;
            }
        }
    }

    // Length, head and tail tell field names apart well enough; the names are the schema's, so nobody gains by a collision.
    private static int Hash(ReadOnlySpan<byte> name)
    {
        var hash = (ulong)name.Length;
        if (name.Length >= sizeof(ulong))
        {
            hash += BinaryPrimitives.ReadUInt64LittleEndian(name) * 0x9E3779B97F4A7C15;
            hash ^= BitOperations.RotateLeft(BinaryPrimitives.ReadUInt64LittleEndian(name[^sizeof(ulong)..]) * 0xC2B2AE3D27D4EB4F, 31);
        }
        else
        {
            foreach (var b in name)
            {
                hash = (hash << 8 | hash >> 56) ^ b;
            }
        }
        return (int)((hash * 0x9E3779B97F4A7C15) >> 33);
    }
}
