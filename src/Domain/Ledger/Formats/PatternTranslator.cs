using System.Globalization;
using System.Text;

namespace EventLedger.Domain.Ledger.Formats;

/// <summary>
/// Translates an ECMA-262 pattern (Unicode mode) into one that .NET runs in time linear in the text. What cannot be said so is refused:
/// look-around, back references, word boundaries, scripts. A character beyond U+FFFF counts as one; it belongs to no <c>\p</c> class.
/// </summary>
/// <remarks>Source: JSON Schema Core 2020-12, 6.4; ECMA-262, 22.2.1.</remarks>
internal sealed class PatternTranslator
{
    private const int LengthMax = 1_000;
    private const int SizeMax = 2_000;
    private const int DepthMax = 32;

    // The second half of a pair is never matched alone, so that "." and [^…] take whole characters as ECMAScript does.
    private const string Pair = @"[\uD800-\uDBFF][\uDC00-\uDFFF]";

    private readonly string source;
    private readonly StringBuilder output = new();
    private int at;
    private int depth;

    private PatternTranslator(string source) => this.source = source;

    private bool IsAtEnd => at == source.Length;

    /// <summary>Translates, or throws <see cref="FormatException"/> with the reason.</summary>
    /// <returns>The pattern for .NET, and how many characters it would have with all counted repetitions written out.</returns>
    public static (string Pattern, int Size) Translate(string source)
    {
        if (source.Length > LengthMax)
        {
            throw new FormatException($"A pattern has at most {LengthMax} characters.");
        }
        var translator = new PatternTranslator(source);
        var size = translator.Alternatives();
        return translator.IsAtEnd ? (translator.output.ToString(), size) : throw translator.Error("there is a ) too many");
    }

    // Each part answers its size.
    private int Alternatives()
    {
        if (++depth > DepthMax)
        {
            throw Error($"groups are nested more than {DepthMax} deep");
        }
        var size = 0;
        while (true)
        {
            while (!IsAtEnd && source[at] is not ('|' or ')'))
            {
                size = Checked(size + (long)Term());
            }
            if (IsAtEnd || source[at] == ')')
            {
                depth--;
                return size;
            }
            output.Append('|');
            at++;
        }
    }

    private int Term()
    {
        switch (source[at++])
        {
            case '^':
                output.Append(@"\A");
                return 1;
            case '$':
                output.Append(@"\z");
                return 1;
            case '.':
                output.Append($@"(?:[^\n\r\u2028\u2029\uD800-\uDFFF]|{Pair})");
                return Quantified(2);
            case '(':
                return Group();
            case '[':
                output.Append(PatternClass.Read(source, ref at));
                return Quantified(2);
            case '\\':
                output.Append(PatternEscape.ReadOutsideClass(source, ref at));
                return Quantified(2);
            case '*' or '+' or '?' or '{' or '}' or ']':
                throw Error($"'{source[at - 1]}' has nothing to apply to; write \\{source[at - 1]} for the character itself");
            default:
                at--;
                output.Append("(?:");
                foreach (var unit in Rune.GetRuneAt(source, at).ToString())
                {
                    output.Append(PatternEscape.Literal(unit));
                    at++;
                }
                output.Append(')');
                return Quantified(1);
        }
    }

    private int Group()
    {
        output.Append("(?:");
        if (!IsAtEnd && source[at] == '?')
        {
            var name = source.IndexOf('>', at);
            if (string.CompareOrdinal(source, at, "?:", 0, 2) == 0)
            {
                at += 2;
            }
            else if (string.CompareOrdinal(source, at, "?<", 0, 2) == 0 && at + 2 < source.Length && char.IsAsciiLetter(source[at + 2]) && name > 0)
            {
                at = name + 1;
            }
            else
            {
                throw Error("look-ahead and look-behind are not supported, since they have no bound on time: state it by several schemas");
            }
        }
        var size = Alternatives();
        if (IsAtEnd)
        {
            throw Error("a ) is missing");
        }
        at++;
        output.Append(')');
        return Quantified(size + 1);
    }

    private int Quantified(int size)
    {
        if (IsAtEnd || source[at] is not ('*' or '+' or '?' or '{'))
        {
            return size;
        }
        var times = 1;
        var begin = at;
        if (source[at++] == '{')
        {
            var end = source.IndexOf('}', at);
            var counts = end < 0 ? [] : source[at..end].Split(',');
            if (counts.Length is not (1 or 2) || !TryCount(counts[0], out var min)
                || !TryCount(counts[^1].Length == 0 ? counts[0] : counts[^1], out var max) || max < min)
            {
                throw Error("a repetition is written {n}, {n,} or {n,m}");
            }
            times = Math.Max(max, 1);
            at = end + 1;
        }
        output.Append(source, begin, at - begin);
        // A lazy quantifier changes which match is found, not whether there is one.
        at += !IsAtEnd && source[at] == '?' ? 1 : 0;
        return Checked((long)size * times);
    }

    private static bool TryCount(string text, out int count) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count <= SizeMax;

    private int Checked(long size) => size <= SizeMax ? (int)size : throw Error($"written out it is larger than {SizeMax}: lower the counts");

    private FormatException Error(string what) =>
        new(string.Create(CultureInfo.InvariantCulture, $"The pattern is not supported at character {at}: {what}."));
}
