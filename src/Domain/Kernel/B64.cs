using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace EventLedger.Domain.Kernel;

/// <summary>Base64url without padding, in its one canonical form. Source: RFC 4648 section 5, RFC 7515 section 2.</summary>
public static class B64
{
    /// <summary>Encodes without padding.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);

    /// <summary>Decodes; false when a character, padding, or a bit after the last byte is not canonical.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, [NotNullWhen(true)] out byte[]? bytes)
    {
        // What is not ASCII becomes '?' or stays zero, and neither is in the alphabet.
        Span<byte> ascii = text.Length <= 1024 ? stackalloc byte[text.Length] : new byte[text.Length];
        ascii.Clear();
        Encoding.ASCII.GetBytes(text, ascii);
        return TryDecode(ascii, out bytes);
    }

    /// <summary>The same for text in ASCII bytes.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        if (text.Length % 4 == 1 || text.ContainsAnyExcept(Alphabet))
        {
            return false;
        }
        // The decoder itself refuses some, but not all, texts whose unused bits are not zero.
        var buffer = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        if (Base64Url.DecodeFromUtf8(text, buffer, out _, out var count) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }
        bytes = count == buffer.Length ? buffer : buffer[..count];
        // The unused low bits of the last character must be zero, or two texts would mean one value.
        Span<byte> last = stackalloc byte[4];
        var tail = bytes.AsSpan(bytes.Length - (bytes.Length % 3));
        var written = Base64Url.EncodeToUtf8(tail, last);
        if (tail.Length > 0 && !last[..written].SequenceEqual(text[^written..]))
        {
            bytes = null;
            return false;
        }
        return true;
    }

    private static readonly System.Buffers.SearchValues<byte> Alphabet =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8);
}
