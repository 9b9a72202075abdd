using System.Buffers.Text;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace EventLedger.Domain.Ledger.Formats;

/// <summary>
/// A JSON number as it is written, ±0.DIGITS × 10^Exponent without leading or trailing zeros, so that no rounding decides validity.
/// It is compared by its digits: a large exponent costs nothing.
/// </summary>
internal readonly ref struct ExactNumber
{
    /// <summary>Exponents beyond this (either way) are refused: JSON sets no bound, and two absurd ones could not be told apart.</summary>
    public const int ExponentMax = 1_000_000;

    private ExactNumber(bool isNegative, ReadOnlySpan<byte> digits, long exponent)
    {
        IsNegative = isNegative;
        Digits = digits;
        Exponent = exponent;
    }

    public bool IsNegative { get; }

    /// <summary>ASCII digits; none for zero.</summary>
    public ReadOnlySpan<byte> Digits { get; }

    public long Exponent { get; }

    public bool IsInteger => Digits.Length <= Exponent || Digits.IsEmpty;

    /// <summary>Whether the text is a number without point and exponent, the usual case.</summary>
    public static bool IsPlain(ReadOnlySpan<byte> raw) => raw.IndexOfAny((byte)'.', (byte)'e', (byte)'E') < 0;

    /// <summary>Reads the text of a JSON number; the buffer must be as long as the text. False when the exponent is out of range.</summary>
    public static bool TryRead(ReadOnlySpan<byte> raw, Span<byte> buffer, out ExactNumber number)
    {
        number = default;
        var isNegative = raw[0] == '-';
        var mantissa = isNegative ? raw[1..] : raw;
        var exponent = 0;
        var e = mantissa.IndexOfAny((byte)'e', (byte)'E');
        if (e >= 0)
        {
            var power = mantissa[(e + 1)..];
            power = power[0] == '+' ? power[1..] : power;
            if (!Utf8Parser.TryParse(power, out exponent, out var read) || read != power.Length || exponent is < -ExponentMax or > ExponentMax)
            {
                return false;
            }
            mantissa = mantissa[..e];
        }
        var point = mantissa.IndexOf((byte)'.');
        var whole = point < 0 ? mantissa : mantissa[..point];
        var fraction = point < 0 ? [] : mantissa[(point + 1)..];
        whole.CopyTo(buffer);
        fraction.CopyTo(buffer[whole.Length..]);
        ReadOnlySpan<byte> digits = buffer[..(whole.Length + fraction.Length)];
        var significant = digits.TrimStart((byte)'0');
        var leading = digits.Length - significant.Length;
        significant = significant.TrimEnd((byte)'0');
        number = significant.IsEmpty ? default : new(isNegative, significant, (long)whole.Length - leading + exponent);
        return true;
    }

    public int CompareTo(ExactNumber other)
    {
        var sign = Sign.CompareTo(other.Sign);
        if (sign != 0 || Sign == 0)
        {
            return sign;
        }
        var size = Exponent.CompareTo(other.Exponent);
        return (size != 0 ? size : Digits.SequenceCompareTo(other.Digits)) * Sign;
    }

    /// <summary>Whether dividing by a positive number leaves nothing over.</summary>
    public bool IsMultipleOf(ExactNumber divisor)
    {
        if (Digits.IsEmpty)
        {
            return true;
        }
        // value = a × 10^p and divisor = b × 10^q. The last digit of a is not zero, so a cannot hold a factor 10^(q - p).
        var shift = Exponent - Digits.Length - (divisor.Exponent - divisor.Digits.Length);
        if (shift < 0)
        {
            return false;
        }
        var b = Whole(divisor.Digits);
        return (Whole(Digits) * BigInteger.ModPow(10, shift, b) % b).IsZero;
    }

    /// <summary>The value of a non-negative integer; larger ones become <see cref="long.MaxValue"/>.</summary>
    public long ToCount()
    {
        if (Exponent > 18)
        {
            return long.MaxValue;
        }
        var count = 0L;
        for (var i = 0; i < Exponent; i++)
        {
            count = (count * 10) + (i < Digits.Length ? Digits[i] - '0' : 0);
        }
        return count;
    }

    private int Sign => Digits.IsEmpty ? 0 : IsNegative ? -1 : 1;

    private static BigInteger Whole(ReadOnlySpan<byte> digits) =>
        BigInteger.Parse(Encoding.ASCII.GetString(digits), NumberStyles.None, CultureInfo.InvariantCulture);
}
