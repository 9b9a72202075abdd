using System.Diagnostics.CodeAnalysis;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Identity;

/// <summary>A passkey's public key as the ledger writes keys. Source: RFC 9052 section 7, CTAP 2.1 section 8 (one canonical encoding).</summary>
internal static class PasskeyJwk
{
    private const int Coordinate = 32;

    // {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}
    private static ReadOnlySpan<byte> Head => [0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, Coordinate];

    private static ReadOnlySpan<byte> Middle => [0x22, 0x58, Coordinate];

    /// <summary>Reads a COSE key; false when it is not an ES256 key in canonical form.</summary>
    public static bool TryRead(ReadOnlySpan<byte> cose, [NotNullWhen(true)] out Jwk? jwk)
    {
        jwk = null;
        var second = Head.Length + Coordinate;
        return cose.Length == second + Middle.Length + Coordinate && cose.StartsWith(Head) && cose[second..].StartsWith(Middle)
            && Jwk.TryCreate(B64.Encode(cose[Head.Length..second]), B64.Encode(cose[(second + Middle.Length)..]), out jwk);
    }
}
