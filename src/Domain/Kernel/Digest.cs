using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace EventLedger.Domain.Kernel;

/// <summary>A SHA-256 value: 32 bytes, written as 64 lowercase hex digits. The default value is 64 zeros.</summary>
/// <remarks>Source: FIPS 180-4; the ledger's formats use no other hash.</remarks>
public readonly record struct Digest : IComparable<Digest>
{
    private readonly ulong a, b, c, d;

    /// <summary>Takes 32 raw bytes; any other length throws <see cref="ArgumentException"/>.</summary>
    public Digest(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != SizeBytes)
        {
            throw new ArgumentException("A digest has exactly 32 bytes.", nameof(bytes));
        }
        a = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        b = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        c = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        d = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    /// <summary>Length in bytes: 32.</summary>
    public const int SizeBytes = 32;

    /// <summary>32 zero bytes: what stands where there is nothing yet.</summary>
    public static Digest Zero => default;

    /// <summary>SHA-256 of the bytes.</summary>
    public static Digest Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SizeBytes];
        SHA256.HashData(bytes, hash);
        return new(hash);
    }

    /// <summary>SHA-256 of the UTF-8 form of a text.</summary>
    public static Digest Of(string text) => Of(Encoding.UTF8.GetBytes(text));

    /// <summary>Reads 64 lowercase hex digits; false for anything else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? hex, out Digest digest)
    {
        digest = default;
        if (hex is not { Length: 64 })
        {
            return false;
        }
        foreach (var ch in hex)
        {
            if (ch is not ((>= '0' and <= '9') or (>= 'a' and <= 'f')))
            {
                return false;
            }
        }
        digest = new(Convert.FromHexString(hex));
        return true;
    }

    /// <summary>Reads 64 lowercase hex digits; throws <see cref="FormatException"/> for anything else.</summary>
    public static Digest Parse(string hex) =>
        TryParse(hex, out var digest) ? digest : throw new FormatException("A digest is 64 lowercase hex digits.");

    /// <summary>Writes the 32 raw bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, a);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], b);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], c);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], d);
    }

    /// <summary>The 32 raw bytes.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[SizeBytes];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>The first 16 bytes as a number: a compact key for sets that hold millions.</summary>
    public UInt128 Half => new(a, b);

    /// <summary>64 lowercase hex digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[SizeBytes];
        CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    /// <summary>Byte order, which is also the order of the hex text.</summary>
    public int CompareTo(Digest other) =>
        (a.CompareTo(other.a), b.CompareTo(other.b), c.CompareTo(other.c), d.CompareTo(other.d)) switch
        {
            (not 0 and var x, _, _, _) => x,
            (_, not 0 and var x, _, _) => x,
            (_, _, not 0 and var x, _) => x,
            var (_, _, _, x) => x,
        };

    /// <summary>Byte order.</summary>
    public static bool operator <(Digest left, Digest right) => left.CompareTo(right) < 0;

    /// <summary>Byte order.</summary>
    public static bool operator >(Digest left, Digest right) => left.CompareTo(right) > 0;

    /// <summary>Byte order.</summary>
    public static bool operator <=(Digest left, Digest right) => left.CompareTo(right) <= 0;

    /// <summary>Byte order.</summary>
    public static bool operator >=(Digest left, Digest right) => left.CompareTo(right) >= 0;
}
