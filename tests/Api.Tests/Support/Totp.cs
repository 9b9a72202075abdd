using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace EventLedger.Api.Tests.Support;

/// <summary>The app on a person's phone. Source: RFC 6238, RFC 4648 section 6.</summary>
public static class Totp
{
    /// <param name="secret">Base32.</param>
    /// <param name="step">Half minutes from now; the neighbours of now are good too.</param>
    public static string Code(string secret, int step = 0)
    {
        var key = new List<byte>();
        var (bits, value) = (0, 0);
        foreach (var c in secret)
        {
            value = (value << 5) | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c);
            bits += 5;
            if (bits >= 8)
            {
                key.Add((byte)(value >> (bits - 8)));
                bits -= 8;
            }
            value &= (1 << bits) - 1;
        }
        var counter = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, (DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30) + step);
#pragma warning disable CA5350 // Every app on people's phones does it with SHA-1.
        var hash = HMACSHA1.HashData(key.ToArray(), counter);
#pragma warning restore CA5350
        var code = BinaryPrimitives.ReadInt32BigEndian(hash.AsSpan(hash[^1] & 15)) & int.MaxValue;
        return (code % 1_000_000).ToString("000000", CultureInfo.InvariantCulture);
    }
}
