using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.RegularExpressions;

namespace EventLedger.Domain.Ledger.Formats;

/// <summary>A pattern of a schema, compiled: it runs in time linear in the text.</summary>
internal sealed class SchemaPattern
{
    private const int StackChars = 256;

    // A run takes at worst time in proportion to text times pattern; one step of a run's bound stands for so many of these.
    private const int UnitsPerStep = 4;

    private readonly Regex regex;
    private readonly int size;

    private SchemaPattern(string source, Regex regex, int size)
    {
        Source = source;
        this.regex = regex;
        this.size = size;
    }

    /// <summary>The pattern as the schema writes it.</summary>
    public string Source { get; }

    /// <summary>False with the reason when the pattern is malformed, unsupported or too large.</summary>
    public static bool TryCompile(string source, [NotNullWhen(true)] out SchemaPattern? pattern, [NotNullWhen(false)] out string? why)
    {
        (pattern, why) = (null, null);
        try
        {
            var (translated, size) = PatternTranslator.Translate(source);
            pattern = new(source, new(translated, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant), size);
            return true;
        }
        catch (FormatException e)
        {
            why = e.Message;
        }
        catch (NotSupportedException)
        {
            // .NET bounds its automata as well, and counts more than the translator can foresee.
            why = "The pattern is too large: lower the counts of its repetitions.";
        }
        catch (ArgumentException e)
        {
            why = $"The pattern is malformed: {e.Message}";
        }
        return false;
    }

    /// <summary>Whether the pattern occurs in the text (UTF-8).</summary>
    public bool IsMatch(ReadOnlySpan<byte> text, ref Evaluation e)
    {
        e.Charge((long)text.Length * size / UnitsPerStep);
        if (e.IsExhausted)
        {
            return false;
        }
        if (text.Length <= StackChars)
        {
            Span<char> few = stackalloc char[StackChars];
            return regex.IsMatch(few[..Encoding.UTF8.GetChars(text, few)]);
        }
        var many = ArrayPool<char>.Shared.Rent(text.Length);
        var matches = regex.IsMatch(many.AsSpan(0, Encoding.UTF8.GetChars(text, many)));
        ArrayPool<char>.Shared.Return(many);
        return matches;
    }
}
