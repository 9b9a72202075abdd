using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace EventLedger.Domain.Ledger.Formats;

/// <summary>Keywords for strings; a length counts code points. Source: JSON Schema Validation 2020-12, 6.3.</summary>
internal sealed class StringRule
{
    private const int StackChars = 256;

    public long LengthMin { get; set; }

    public long LengthMax { get; set; } = long.MaxValue;

    public Regex? Pattern { get; set; }

    public FormatRule? Format { get; set; }

    /// <summary>The pattern as the schema writes it.</summary>
    public string PatternText { get; set; } = "";

    public bool Evaluate(JsonElement value, ref Evaluation e)
    {
        var raw = JsonMarshal.GetRawUtf8Value(value)[1..^1];
        var plain = raw.Contains((byte)'\\') ? Encoding.UTF8.GetBytes(value.GetString()!) : raw;
        var ok = true;
        if (LengthMin > 0 || LengthMax < plain.Length)
        {
            var length = CodePoints(plain);
            ok = length >= LengthMin || e.Fail("minLength", "Has {0} characters; at least {1} are needed.", length, LengthMin);
            ok &= length <= LengthMax || e.Fail("maxLength", "Has {0} characters; at most {1} are allowed.", length, LengthMax);
        }
        ok &= Format is null || Format.Evaluate(value, ref e);
        return ok & (Pattern is null || IsMatch(Pattern, plain, ref e) || e.Fail("pattern", "Must match the pattern {0}", PatternText));
    }

    /// <summary>Whether the pattern occurs in the text; linear in its length, which is counted.</summary>
    public static bool IsMatch(Regex pattern, ReadOnlySpan<byte> text, ref Evaluation e)
    {
        e.Charge(text.Length / 8);
        if (e.IsExhausted)
        {
            return false;
        }
        if (text.Length <= StackChars)
        {
            Span<char> few = stackalloc char[StackChars];
            return pattern.IsMatch(few[..Encoding.UTF8.GetChars(text, few)]);
        }
        var many = ArrayPool<char>.Shared.Rent(text.Length);
        var matches = pattern.IsMatch(many.AsSpan(0, Encoding.UTF8.GetChars(text, many)));
        ArrayPool<char>.Shared.Return(many);
        return matches;
    }

    private static long CodePoints(ReadOnlySpan<byte> utf8)
    {
        var count = 0L;
        foreach (var b in utf8)
        {
            count += (b & 0xC0) != 0x80 ? 1 : 0;
        }
        return count;
    }
}
