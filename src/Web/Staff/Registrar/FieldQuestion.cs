using System.Text.Json;

namespace EventLedger.Web.Staff.Registrar;

/// <summary>One question of a form that a format's schema asks.</summary>
/// <param name="Name">The field that it fills.</param>
/// <param name="Label">The question.</param>
/// <param name="Hint">How to answer it; null where nothing need be said.</param>
/// <param name="Kind"><c>text</c>, <c>long</c>, <c>number</c>, <c>day</c>, <c>yes</c>, <c>choice</c>, <c>list</c> (one a line) or <c>json</c>.</param>
/// <param name="IsNeeded">Whether it must be answered.</param>
/// <param name="IsHidden">Whether the answer is protected: sealed as a digest, seen by its holder and by those with a grant.</param>
/// <param name="Choices">What may be chosen.</param>
/// <param name="Schema">The field's own schema.</param>
public sealed record FieldQuestion(string Name, string Label, string? Hint, string Kind, bool IsNeeded, bool IsHidden, IReadOnlyList<string> Choices, JsonElement Schema)
{
    /// <summary>Longest answer that one line takes, in characters.</summary>
    private const int LineLengthMax = 400;

    /// <summary>Reads a field of a schema.</summary>
    public static FieldQuestion Of(string name, string label, JsonElement schema, bool isNeeded, bool isHidden)
    {
        IReadOnlyList<string> choices = [.. schema.Items("enum").Where(c => c.ValueKind == JsonValueKind.String).Select(c => c.GetString()!)];
        return new(name, label, schema.Text("description") ?? Example(schema), KindOf(schema, choices), isNeeded, isHidden, choices, schema);
    }

    private static string KindOf(JsonElement schema, IReadOnlyList<string> choices) => schema.Text("type") switch
    {
        "string" when choices.Count > 0 => "choice",
        "string" when schema.Text("format") == "date" || schema.Text("pattern") == DayPattern => "day",
        "string" => schema.Number("maxLength") > LineLengthMax ? "long" : "text",
        "integer" or "number" => "number",
        "boolean" => "yes",
        "array" when schema.At("items").Text("type") == "string" => "list",
        _ => "json",
    };

    /// <summary>How formats without the word <c>date</c> write one.</summary>
    private const string DayPattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$";

    // What has a simple form is shown by an example: nobody reads a pattern.
    private static string? Example(JsonElement schema)
    {
        if (schema.Items("examples") is [{ ValueKind: JsonValueKind.String } first, ..])
        {
            return first.GetString();
        }
        if (schema.Text("pattern") is not ['^', .., '$'] pattern || pattern == DayPattern)
        {
            return null;
        }
        var (made, digit) = (new System.Text.StringBuilder(), 0);
        for (var rest = pattern.AsSpan(1, pattern.Length - 2); rest.Length > 0;)
        {
            if (rest.StartsWith("[0-9]"))
            {
                rest = rest[5..];
                var times = 1;
                if (rest.StartsWith("{") && rest.IndexOf('}') is > 0 and var end)
                {
                    var inside = rest[1..end];
                    times = int.TryParse(inside[(inside.LastIndexOf(',') + 1)..], out var most) && most <= 12 ? most : 1;
                    rest = rest[(end + 1)..];
                }
                for (var i = 0; i < times; i++)
                {
                    made.Append((char)('0' + (++digit % 10)));
                }
            }
            else if (char.IsLetterOrDigit(rest[0]) || rest[0] is '-' or '/' or ' ' or '_')
            {
                made.Append(rest[0]);
                rest = rest[1..];
            }
            else
            {
                return null;
            }
        }
        return made.ToString();
    }

    /// <summary>What a wrong answer needs, for a keyword of the schema: said so that it can be put right.</summary>
    /// <param name="keyword">As in <see cref="DeskFormat.Wrong"/>.</param>
    /// <param name="words">The reader's language.</param>
    public string Says(string keyword, Site.Tongue words) => keyword switch
    {
        "missing" => words["{0}: give an answer", words[Label]],
        "format" or "pattern" when Kind == "day" => words["{0}: give a day", Label],
        "format" or "pattern" when Hint is not null => words["{0}: write it like {1}", Label, Hint],
        "pattern" => words["{0}: write it in the form {1}", Label, Schema.Text("pattern")],
        "minLength" => words["{0}: at least {1} characters", Label, Schema.Text("minLength")],
        "maxLength" => words["{0}: at most {1} characters", words[Label], Schema.Text("maxLength") ?? $"{Domain.Ledger.Assertion.ReasonLengthMax}"],
        "minimum" => words["{0}: at least {1}", Label, Schema.Text("minimum")],
        "maximum" => words["{0}: at most {1}", Label, Schema.Text("maximum")],
        "type" when Kind == "number" => words["{0}: give a number", Label],
        "enum" => words["{0}: choose one of the answers", Label],
        _ => words["{0}: this does not fit the format ({1})", Label, keyword],
    };
}
