using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>
/// The encrypted disclosures of one entry: 0x01 ‖ data-key id (16) ‖ nonce (12) ‖ AES-256-GCM(JCS array of disclosures) ‖ tag (16); at most 64 KiB.
/// The entry names it by SHA-256 of these bytes. Source: DESIGN section 3 "A sidecar"; NIST SP 800-38D.
/// </summary>
public static class Sidecar
{
    /// <summary>Largest sidecar in bytes.</summary>
    public const int SizeBytesMax = 65_536;

    /// <summary>Length of a data key in bytes.</summary>
    public const int KeyBytes = 32;

    private const int HeadBytes = 1 + 16 + 12, TagBytes = 16;

    /// <summary>Whether disclosures fit into one; each is base64url and takes two quotes and a comma.</summary>
    public static bool Fits(IEnumerable<string> disclosures) => HeadBytes + TagBytes + 1 + disclosures.Sum(d => (long)d.Length + 3) <= SizeBytesMax;

    /// <summary>Encrypts disclosures. Key id and nonce are random and come from the caller; a nonce is never used twice with one key.</summary>
    /// <param name="key">32 bytes.</param>
    /// <param name="keyId">16 bytes.</param>
    /// <param name="nonce">12 bytes.</param>
    /// <param name="associated">From <see cref="AssociatedData"/>.</param>
    /// <param name="disclosures">The disclosures.</param>
    public static byte[] Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> keyId, ReadOnlySpan<byte> nonce, Digest associated, IReadOnlyList<string> disclosures)
    {
        var plain = Jcs.Bytes(new JsonArray([.. disclosures.Select(d => JsonValue.Create(d))]));
        var sidecar = new byte[HeadBytes + plain.Length + TagBytes];
        sidecar[0] = 1;
        keyId.CopyTo(sidecar.AsSpan(1, 16));
        nonce.CopyTo(sidecar.AsSpan(17, 12));
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(nonce, plain, sidecar.AsSpan(HeadBytes, plain.Length), sidecar.AsSpan(HeadBytes + plain.Length), associated.ToArray());
        return sidecar;
    }

    /// <summary>Decrypts; null when the bytes, the key or the entry do not belong together.</summary>
    public static string[]? Open(ReadOnlySpan<byte> key, Digest associated, ReadOnlySpan<byte> sidecar)
    {
        if (KeyId(sidecar) is null)
        {
            return null;
        }
        var plain = new byte[sidecar.Length - HeadBytes - TagBytes];
        try
        {
            using var aes = new AesGcm(key, TagBytes);
            aes.Decrypt(sidecar.Slice(17, 12), sidecar[HeadBytes..^TagBytes], sidecar[^TagBytes..], plain, associated.ToArray());
        }
        catch (CryptographicException)
        {
            return null;
        }
        return JsonSerializer.Deserialize<string[]>(plain);
    }

    /// <summary>The id of the data key that opens a sidecar; null when the bytes are not a sidecar.</summary>
    public static byte[]? KeyId(ReadOnlySpan<byte> sidecar) =>
        sidecar.Length is >= HeadBytes + TagBytes and <= SizeBytesMax && sidecar[0] == 1 ? sidecar.Slice(1, 16).ToArray() : null;

    /// <summary>What binds a sidecar to its entry: SHA-256(chain ‖ 0x00 ‖ <c>data.record</c>, or JCS of <c>data</c> without <c>sidecar</c>).</summary>
    public static Digest AssociatedData(string chain, string recordOrData) => Digest.Of([.. Encoding.UTF8.GetBytes(chain), 0, .. Encoding.UTF8.GetBytes(recordOrData)]);
}
