using System.Collections.Frozen;
using System.Globalization;

namespace EventLedger.Domain.Ledger.Formats;

/// <summary>The escapes of ECMA-262 patterns, as the inside of a .NET character class.</summary>
internal static class PatternEscape
{
    public const string Digits = "0-9";
    private const string Word = "a-zA-Z0-9_";
    private const string Space = @"\t-\r \u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000\uFEFF";
    private const string NotDigits = @"\u0000-/:-\uFFFF";
    private const string NotWord = @"\u0000-/:-@\u005B-\u005E`\u007B-\uFFFF";
    private const string NotSpace = @"\u0000-\u0008\u000E-\u001F\u0021-\u009F\u00A1-\u167F\u1681-\u1FFF\u200B-\u2027\u202A-\u202E"
        + @"\u2030-\u205E\u2060-\u2FFF\u3001-\uFEFE\uFF00-\uFFFF";

    // .NET knows the short names only.
    private static readonly FrozenDictionary<string, string> Categories = new Dictionary<string, string>
    {
        ["Letter"] = "L", ["Cased_Letter"] = "LC", ["Uppercase_Letter"] = "Lu", ["Lowercase_Letter"] = "Ll", ["Titlecase_Letter"] = "Lt",
        ["Modifier_Letter"] = "Lm", ["Other_Letter"] = "Lo", ["Mark"] = "M", ["Nonspacing_Mark"] = "Mn", ["Spacing_Mark"] = "Mc",
        ["Enclosing_Mark"] = "Me", ["Number"] = "N", ["Decimal_Number"] = "Nd", ["digit"] = "Nd", ["Letter_Number"] = "Nl", ["Other_Number"] = "No",
        ["Punctuation"] = "P", ["punct"] = "P", ["Connector_Punctuation"] = "Pc", ["Dash_Punctuation"] = "Pd", ["Open_Punctuation"] = "Ps",
        ["Close_Punctuation"] = "Pe", ["Initial_Punctuation"] = "Pi", ["Final_Punctuation"] = "Pf", ["Other_Punctuation"] = "Po",
        ["Symbol"] = "S", ["Math_Symbol"] = "Sm", ["Currency_Symbol"] = "Sc", ["Modifier_Symbol"] = "Sk", ["Other_Symbol"] = "So",
        ["Separator"] = "Z", ["Space_Separator"] = "Zs", ["Line_Separator"] = "Zl", ["Paragraph_Separator"] = "Zp",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>One UTF-16 unit, safe in and outside a class.</summary>
    public static string Literal(char unit) =>
        char.IsAsciiLetterOrDigit(unit) ? unit.ToString() : string.Create(CultureInfo.InvariantCulture, $"\\u{(int)unit:X4}");

    /// <summary>Reads what follows a backslash outside a class.</summary>
    public static string ReadOutsideClass(string source, ref int at)
    {
        if (at < source.Length && source[at] is 'b' or 'B' or 'k' or (>= '1' and <= '9'))
        {
            throw new FormatException($"The pattern is not supported at character {at}: word boundaries and back references have no linear form.");
        }
        var (set, isComplement) = Read(source, ref at);
        return PatternClass.Write(set, isNegated: false, isComplement);
    }

    /// <summary>Reads what follows a backslash: its set, and whether that set is one that lacks a few characters.</summary>
    public static (string Set, bool IsComplement) Read(string source, ref int at)
    {
        var c = at < source.Length ? source[at++] : throw new FormatException("The pattern ends in a backslash.");
        return c switch
        {
            'd' => (Digits, false),
            'D' => (NotDigits, true),
            'w' => (Word, false),
            'W' => (NotWord, true),
            's' => (Space, false),
            'S' => (NotSpace, true),
            'p' or 'P' => ($"\\{c}{{{Category(source, ref at)}}}", c == 'P'),
            'n' => (Literal('\n'), false),
            'r' => (Literal('\r'), false),
            't' => (Literal('\t'), false),
            'v' => (Literal('\v'), false),
            'f' => (Literal('\f'), false),
            'x' => (Literal(Hex(source, ref at, 2)), false),
            'u' => (Literal(Hex(source, ref at, 4)), false),
            '0' when at == source.Length || !char.IsAsciiDigit(source[at]) => (Literal('\0'), false),
            'c' when at < source.Length && char.IsAsciiLetter(source[at]) => (Literal((char)(source[at++] % 32)), false),
            _ when char.IsAsciiLetterOrDigit(c) => throw new FormatException($"The pattern has an unknown escape \\{c}."),
            _ when char.IsSurrogate(c) => throw new FormatException("The pattern escapes a character beyond U+FFFF: write it without the backslash."),
            _ => (Literal(c), false),
        };
    }

    private static char Hex(string source, ref int at, int digits)
    {
        if (at + digits > source.Length
            || !ushort.TryParse(source.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
            || char.IsSurrogate((char)unit))
        {
            throw new FormatException($"The pattern needs {digits} hex digits at character {at}, of a character up to U+FFFF.");
        }
        at += digits;
        return (char)unit;
    }

    private static string Category(string source, ref int at)
    {
        var end = at < source.Length && source[at] == '{' ? source.IndexOf('}', at) : -1;
        var name = end < 0 ? "" : source[(at + 1)..end];
        name = name[(name.IndexOf('=', StringComparison.Ordinal) is var eq && eq > 0 && name[..eq] is "gc" or "General_Category" ? eq + 1 : 0)..];
        name = Categories.GetValueOrDefault(name, name);
        at = end + 1;
        // Others are refused: blocks and scripts mean different sets in .NET and ECMAScript, and unassigned or surrogate is no use here.
        return name != "LC" && (Categories.Values.Contains(name) || name is "Cc" or "Cf")
            ? name
            : throw new FormatException($"The pattern class \\p{{{name}}} is not supported: use a general category such as \\p{{L}} or \\p{{Nd}}.");
    }
}
