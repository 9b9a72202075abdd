using System.Globalization;
using System.Text.Json;

namespace EventLedger.Domain.Kernel;

/// <summary>
/// The text form of JSON numbers, the one place where Domain touches floating point.
/// Source: RFC 8785 section 3.2.2.3, ECMA-262 Number::toString.
/// </summary>
public static class JcsNumber
{
    /// <summary>The shortest text that reads back as the same IEEE 754 double, laid out as ECMAScript does.</summary>
    public static string Text(double value)
    {
        if (!double.IsFinite(value))
        {
            throw new FormatException("Infinity and NaN have no JSON form.");
        }
        if (value == 0)
        {
            return "0";
        }
        var shortest = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        var (digits, exponent) = Split(shortest);
        var sign = value < 0 ? "-" : "";
        var k = digits.Length;
        return exponent switch
        {
            <= 21 when k <= exponent => sign + digits + new string('0', exponent - k),
            > 0 and <= 21 => $"{sign}{digits[..exponent]}.{digits[exponent..]}",
            > -6 and <= 0 => $"{sign}0.{new string('0', -exponent)}{digits}",
            _ => $"{sign}{digits[0]}{(k > 1 ? "." + digits[1..] : "")}e{(exponent > 0 ? "+" : "-")}{Math.Abs(exponent - 1)}",
        };
    }

    /// <summary>Whether a JSON number lies within the range of a double.</summary>
    public static bool IsFinite(JsonElement number) => number.TryGetDouble(out var value) && double.IsFinite(value);

    // Significant digits without leading or trailing zeros, and n with value = 0.d1d2… × 10^n.
    private static (string Digits, int Exponent) Split(string text)
    {
        var e = text.IndexOf('E', StringComparison.Ordinal);
        var mantissa = e < 0 ? text : text[..e];
        var power = e < 0 ? 0 : int.Parse(text.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? mantissa.Length : point;
        var all = mantissa.Replace(".", "", StringComparison.Ordinal);
        var leading = all.Length - all.TrimStart('0').Length;
        return (all.Trim('0'), whole - leading + power);
    }
}
