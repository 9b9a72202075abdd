using System.Buffers.Binary;
using System.Security.Cryptography;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Monitoring;

/// <summary>
/// Draws a random sample by a public seed: the hash of a block that was not there yet when the audit was ordered, so that nobody could choose what is looked at,
/// and anyone can draw it again. Source: docs/formats.md; ITU-T Y.4561 (08/2020) 8.5.
/// </summary>
public static class AuditSample
{
    /// <summary>
    /// Indexes into a population: SHA-256(seed ‖ i) read as a big-endian number modulo <paramref name="population"/> for i = 0, 1, 2, … as 8 bytes, without those
    /// drawn before, ascending.
    /// </summary>
    /// <param name="seed">The block hash.</param>
    /// <param name="population">How many there are to draw from: 0 or more.</param>
    /// <param name="count">How many are drawn; at most all of them.</param>
    public static IReadOnlyList<long> Draw(Digest seed, long population, long count)
    {
        if (count >= population)
        {
            return [.. Range(population)];
        }
        var drawn = new SortedSet<long>();
        Span<byte> input = stackalloc byte[40];
        Span<byte> hash = stackalloc byte[32];
        seed.CopyTo(input);
        for (var i = 0L; drawn.Count < count; i++)
        {
            BinaryPrimitives.WriteInt64BigEndian(input[32..], i);
            SHA256.HashData(input, hash);
            drawn.Add(Modulo(hash, population));
        }
        return [.. drawn];
    }

    // Digit by digit, most significant first.
    private static long Modulo(ReadOnlySpan<byte> number, long population)
    {
        UInt128 rest = 0;
        foreach (var digit in number)
        {
            rest = ((rest << 8) | digit) % (UInt128)population;
        }
        return (long)rest;
    }

    private static IEnumerable<long> Range(long count)
    {
        for (var i = 0L; i < count; i++)
        {
            yield return i;
        }
    }
}
