using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace EventLedger.Domain.Ledger.Formats;

/// <summary>Keywords for strings; a length counts code points. Source: JSON Schema Validation 2020-12, 6.3.</summary>
internal sealed class StringRule
{
    public long LengthMin { get; set; }

    public long LengthMax { get; set; } = long.MaxValue;

    public SchemaPattern? Pattern { get; set; }

    public FormatRule? Format { get; set; }

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
        return ok & (Pattern is null || Pattern.IsMatch(plain, ref e) || e.Fail("pattern", "Must match the pattern {0}", Pattern.Source));
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
