using System.Globalization;
using System.Text;

namespace EventLedger.Domain.Ledger.Formats;

/// <summary>Character classes of ECMA-262 patterns in .NET's form.</summary>
internal static class PatternClass
{
    private const string Pair = @"[\uD800-\uDBFF][\uDC00-\uDFFF]";

    /// <summary>Reads what follows an opening bracket, the closing one included.</summary>
    public static string Read(string source, ref int at)
    {
        var isNegated = at < source.Length && source[at] == '^';
        at += isNegated ? 1 : 0;
        var set = new StringBuilder();
        var isComplement = false;
        while (at < source.Length && source[at] != ']')
        {
            var (from, complement) = Atom(source, ref at);
            isComplement |= complement;
            set.Append(from);
            if (at + 1 < source.Length && source[at] == '-' && source[at + 1] != ']')
            {
                at++;
                var (to, _) = Atom(source, ref at);
                if (!IsSingle(from) || !IsSingle(to))
                {
                    throw new FormatException(string.Create(CultureInfo.InvariantCulture,
                        $"The pattern has a range without two ends at character {at}."));
                }
                set.Append('-').Append(to);
            }
        }
        if (at++ >= source.Length)
        {
            throw new FormatException("The pattern has a [ without ].");
        }
        return (set.Length, isNegated) switch
        {
            (0, true) => Write(@"\u0000-\uFFFF", isNegated: false, isComplement: true),
            (0, false) => throw new FormatException("The pattern has an empty class [], which matches nothing."),
            _ => Write(set.ToString(), isNegated, isComplement),
        };
    }

    /// <summary>Writes a class. One that holds "all but a few" holds the characters beyond U+FFFF, too, which .NET sees as pairs.</summary>
    public static string Write(string set, bool isNegated, bool isComplement) => (isNegated, isComplement) switch
    {
        (false, false) => $"[{set}]",
        (false, true) => $@"(?:[{set}-[\uD800-\uDFFF]]|{Pair})",
        (true, false) => $@"(?:[^{set}\uD800-\uDFFF]|{Pair})",
        (true, true) => $@"[^{set}\uD800-\uDFFF]",
    };

    // An ASCII letter or digit stands for itself, any other single character as \uXXXX.
    private static bool IsSingle(string set) => set.Length == 1 || (set.Length == 6 && set.StartsWith(@"\u", StringComparison.Ordinal));

    private static (string Set, bool IsComplement) Atom(string source, ref int at)
    {
        var c = source[at++];
        if (c == '\\')
        {
            if (at < source.Length && source[at] == 'b')
            {
                at++;
                return (PatternEscape.Literal('\b'), false);
            }
            return PatternEscape.Read(source, ref at);
        }
        return char.IsSurrogate(c)
            ? throw new FormatException("The pattern has a character beyond U+FFFF in [ ]: write it as an alternative, (?:…|…).")
            : (PatternEscape.Literal(c), false);
    }
}
