using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Ledger.Formats;

namespace EventLedger.Web.Staff;

/// <summary>What is wrong with a place of a sample or of a definition.</summary>
/// <param name="Where">A field's name or a JSON pointer; <c>record</c> for the whole.</param>
/// <param name="Text">What is wrong, in words.</param>
public sealed record Misfit(string Where, string Text);

/// <summary>One sample and what became of it.</summary>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Misfits">What is wrong; empty where it fits.</param>
public sealed record Sample(long Line, IReadOnlyList<Misfit> Misfits);

/// <summary>A format definition tried on sample records by the very rules that records will be held to, before anybody registers it.</summary>
/// <param name="Format">The format; null where its definition does not hold.</param>
/// <param name="Problem">Why it does not; null where it does.</param>
/// <param name="Samples">The samples, by line.</param>
public sealed record FormatTrial(RecordFormat? Format, Misfit? Problem, IReadOnlyList<Sample> Samples)
{
    private const int SamplesMax = 200, ErrorsMax = 20;

    /// <summary>How many samples fit.</summary>
    public int Good => Samples.Count(s => s.Misfits.Count == 0);

    /// <summary>Tries.</summary>
    /// <param name="definition">The definition as JSON.</param>
    /// <param name="samples">Records as JSON, one a line; at most 200 are read.</param>
    public static FormatTrial Of(string definition, string samples)
    {
        if (Parse(definition, out var json) is { } syntax)
        {
            return new(null, syntax, []);
        }
        if (!RecordFormat.TryParse(json, out var format, out var problem))
        {
            return new(null, new(problem.Pointer.Length == 0 ? "definition" : problem.Pointer, $"{problem.Text} ({problem.Code})"), []);
        }
        var lines = samples.ReplaceLineEndings("\n").Split('\n').Select((text, i) => (Text: text.Trim(), Line: i + 1)).Where(l => l.Text.Length > 0).Take(SamplesMax);
        return new(format, null, [.. lines.Select(l => new Sample(l.Line, Check(format, l.Text)))]);
    }

    /// <summary>A registered definition as the beginning of its next version.</summary>
    public static string Next(JsonElement definition)
    {
        var next = (JsonObject)JsonNode.Parse(definition.GetRawText())!;
        next["version"] = (definition.Number("version") ?? 0) + 1;
        return JsonDocument.Parse(next.ToJsonString()).RootElement.Indented();
    }

    private static IReadOnlyList<Misfit> Check(RecordFormat format, string text) =>
        Parse(text, out var record) is { } syntax ? [syntax]
        : record.ValueKind != JsonValueKind.Object ? [new("record", "A record is a JSON object: {\"field\": value, …}.")]
        : [.. format.ValidateFull(record, ErrorsMax).Select(e => new Misfit(e.Pointer.Length == 0 ? "record" : e.Pointer.TrimStart('/'), e.Text))];

    private static Misfit? Parse(string text, out JsonElement json)
    {
        json = default;
        try
        {
            using var document = JsonDocument.Parse(text);
            json = document.RootElement.Clone();
            return null;
        }
        catch (JsonException e)
        {
            return new($"line {e.LineNumber + 1}, place {e.BytePositionInLine + 1}", "This is not JSON: " + e.Message.Split(". ")[0] + ".");
        }
    }
}
