using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace EventLedger.Domain.Kernel;

/// <summary>
/// Walks over canonical JSON of the plain kind in one pass, building nothing: names in ASCII and ascending, texts without escapes, integers of at most
/// 15 digits, depth at most 32. Nearly every record and entry is of this kind.
/// </summary>
/// <remarks>What it refuses may still be canonical: the caller then takes the long way through <see cref="Jcs"/>.</remarks>
internal ref struct JcsReader(ReadOnlySpan<byte> json)
{
    private const int DepthMax = 32, DigitsMax = 15;

    // What ends a text, or stands in it only as an escape.
    private static readonly SearchValues<byte> Special = SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(i => (byte)i), (byte)'"', (byte)'\\']);

    private readonly ReadOnlySpan<byte> json = json;

    /// <summary>Where the next byte is.</summary>
    public int At { get; private set; }

    /// <summary>Whether the bytes are one plain canonical value and nothing else.</summary>
    public static bool IsPlain(ReadOnlySpan<byte> json)
    {
        var reader = new JcsReader(json);
        return reader.TrySkip(0) && reader.At == json.Length;
    }

    /// <summary>Steps over exactly these bytes.</summary>
    public bool TryTake(ReadOnlySpan<byte> literal)
    {
        if (!json[At..].StartsWith(literal))
        {
            return false;
        }
        At += literal.Length;
        return true;
    }

    /// <summary>Reads a text with its quotes.</summary>
    public bool TryText(out string text)
    {
        var ok = TrySpan(out var span) && Utf8.IsValid(span);
        text = ok ? Encoding.UTF8.GetString(span) : "";
        return ok;
    }

    /// <summary>Steps over a text and tells where it stands between its quotes.</summary>
    public bool TrySkipText(out Range text)
    {
        var start = At + 1;
        var ok = TrySpan(out var span);
        text = start..(start + span.Length);
        return ok;
    }

    /// <summary>Reads an integer.</summary>
    public bool TryInteger(out long number)
    {
        var start = At;
        number = 0;
        return TrySkipInteger() && long.TryParse(json[start..At], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>Steps over an object.</summary>
    public bool TrySkipObject() => At < json.Length && json[At] == (byte)'{' && TrySkip(1);

    private bool TrySkip(int depth)
    {
        if (At >= json.Length || depth > DepthMax)
        {
            return false;
        }
        return json[At] switch
        {
            (byte)'"' => TrySpan(out var text) && Utf8.IsValid(text),
            (byte)'{' => TrySkipMembers(depth + 1),
            (byte)'[' => TrySkipItems(depth + 1),
            (byte)'t' => TryTake("true"u8),
            (byte)'f' => TryTake("false"u8),
            (byte)'n' => TryTake("null"u8),
            _ => TrySkipInteger(),
        };
    }

    private bool TrySkipMembers(int depth)
    {
        At++;
        if (TryTake("}"u8))
        {
            return true;
        }
        ReadOnlySpan<byte> before = default;
        for (var isFirst = true; ; isFirst = false)
        {
            // In ASCII the order of bytes is the order of UTF-16 units that JCS asks for; ascending names are also distinct names.
            if (!TrySpan(out var name) || !Ascii.IsValid(name) || (!isFirst && before.SequenceCompareTo(name) >= 0) || !TryTake(":"u8) || !TrySkip(depth))
            {
                return false;
            }
            before = name;
            if (!TryTake(","u8))
            {
                return TryTake("}"u8);
            }
        }
    }

    private bool TrySkipItems(int depth)
    {
        At++;
        if (TryTake("]"u8))
        {
            return true;
        }
        while (TrySkip(depth))
        {
            if (!TryTake(","u8))
            {
                return TryTake("]"u8);
            }
        }
        return false;
    }

    private bool TrySpan(out ReadOnlySpan<byte> text)
    {
        text = default;
        if (At >= json.Length || json[At] != (byte)'"')
        {
            return false;
        }
        var rest = json[(At + 1)..];
        var end = rest.IndexOfAny(Special);
        if (end < 0 || rest[end] != (byte)'"')
        {
            return false;
        }
        text = rest[..end];
        At += end + 2;
        return true;
    }

    // Fifteen digits lie within what a double holds exactly. Minus zero is written as zero.
    private bool TrySkipInteger()
    {
        var rest = json[At..];
        var sign = rest.StartsWith("-"u8) ? 1 : 0;
        var digits = rest[sign..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        digits = digits < 0 ? rest.Length - sign : digits;
        if (digits is < 1 or > DigitsMax || (rest[sign] == (byte)'0' && digits + sign > 1))
        {
            return false;
        }
        At += sign + digits;
        return true;
    }
}
