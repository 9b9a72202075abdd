using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace EventLedger.Domain.Ledger.Formats;

/// <summary>A number that stands in a schema, with a short way for the usual case that both it and the instance are plain integers.</summary>
internal sealed class NumberLimit
{
    private const int StackBytes = 64;
    private readonly byte[] raw;
    private readonly long? whole;

    private NumberLimit(byte[] raw, long? whole) => (this.raw, this.whole) = (raw, whole);

    /// <summary>The number as the schema writes it.</summary>
    public string Text => Encoding.ASCII.GetString(raw);

    public bool IsPositive => raw[0] != '-' && raw.TakeWhile(b => b is not ((byte)'e' or (byte)'E')).Any(b => b is > (byte)'0' and <= (byte)'9');

    /// <summary>Null when the exponent is out of range.</summary>
    public static NumberLimit? TryRead(JsonElement number)
    {
        var raw = JsonMarshal.GetRawUtf8Value(number).ToArray();
        return ExactNumber.TryRead(raw, new byte[raw.Length], out _) ? new(raw, number.TryGetInt64(out var whole) ? whole : null) : null;
    }

    /// <summary>The order of the instance against this limit; null when the instance's exponent is out of range.</summary>
    public int? Compare(JsonElement instance) =>
        whole is { } limit && instance.TryGetInt64(out var number) ? number.CompareTo(limit) : CompareExactly(JsonMarshal.GetRawUtf8Value(instance));

    /// <summary>Whether the instance is a multiple of this number; false also when its exponent is out of range.</summary>
    public bool Divides(JsonElement instance)
    {
        if (whole is { } divisor && instance.TryGetInt64(out var number))
        {
            return number % divisor == 0;
        }
        var text = JsonMarshal.GetRawUtf8Value(instance);
        return ExactNumber.TryRead(text, new byte[text.Length], out var value)
            && ExactNumber.TryRead(raw, new byte[raw.Length], out var exact)
            && value.IsMultipleOf(exact);
    }

    /// <summary>Whether two JSON numbers have one value; false when an exponent is out of range.</summary>
    public static bool AreEqual(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        Span<byte> x = left.Length <= StackBytes ? stackalloc byte[StackBytes] : new byte[left.Length];
        Span<byte> y = right.Length <= StackBytes ? stackalloc byte[StackBytes] : new byte[right.Length];
        return ExactNumber.TryRead(left, x, out var a) && ExactNumber.TryRead(right, y, out var b) && a.CompareTo(b) == 0;
    }

    /// <summary>Whether a JSON number is a whole number, however it is written: <c>1.0</c> and <c>1e3</c> are.</summary>
    public static bool IsInteger(JsonElement number)
    {
        var text = JsonMarshal.GetRawUtf8Value(number);
        if (ExactNumber.IsPlain(text))
        {
            return true;
        }
        Span<byte> buffer = text.Length <= StackBytes ? stackalloc byte[StackBytes] : new byte[text.Length];
        return ExactNumber.TryRead(text, buffer, out var exact) && exact.IsInteger;
    }

    private int? CompareExactly(ReadOnlySpan<byte> text)
    {
        Span<byte> x = text.Length <= StackBytes ? stackalloc byte[StackBytes] : new byte[text.Length];
        Span<byte> y = raw.Length <= StackBytes ? stackalloc byte[StackBytes] : new byte[raw.Length];
        return ExactNumber.TryRead(text, x, out var value) && ExactNumber.TryRead(raw, y, out var limit) ? value.CompareTo(limit) : null;
    }
}
