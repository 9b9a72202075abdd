using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Provisioning.Records;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Domain.Ledger.Formats;

namespace EventLedger.Web.Staff.Registrar;

/// <summary>A format as a registrar meets it: questions, and the day on which a licence runs out.</summary>
public sealed class DeskFormat
{
    // No format says which of its fields ends it, so the names that people give such a field do.
    private static readonly string[] EndNames = ["expires", "validUntil", "validTo", "notAfter", "runsUntil", "until", "endDate", "expiryDate"];

    private readonly JsonSchema? schema;

    /// <summary>The question for the reason of a correction, which is a claim of the record and no field.</summary>
    public const string Correction = "correction";

    private static readonly FieldQuestion Why = new(Correction, "Why is it corrected?", "“The number plate was misread”", "long", IsNeeded: true, IsHidden: false, [], default);

    /// <summary>Reads a registered definition.</summary>
    /// <param name="definition">As it was registered.</param>
    /// <param name="isCorrection">Whether the reason of a correction is asked, too.</param>
    public DeskFormat(JsonElement definition, bool isCorrection = false)
    {
        Shape = new(definition);
        var (properties, required) = (definition.At("schema").At("properties"), definition.At("schema").Items("required").Select(r => r.GetString()).ToList());
        Questions = [.. Shape.Fields.Where(f => properties.At(f).ValueKind == JsonValueKind.Object)
            .Select(f => FieldQuestion.Of(f, Shape.Label(f), properties.At(f), required.Contains(f) || Shape.Key.Contains(f), !Shape.IsPublic(f)))];
        if (isCorrection && Shape.Beside.Contains(Correction))
        {
            Questions = [.. Questions, Why];
        }
        EndField = EndNames.Select(n => Questions.FirstOrDefault(q => q.Name == n && q.Kind == "day")?.Name).FirstOrDefault(n => n is not null);
        _ = JsonSchema.TryCompile(definition.At("schema"), assertsFormats: true, out schema, out _);
    }

    /// <summary>Names, words and order of its fields.</summary>
    public FormatShape Shape { get; }

    /// <summary>One for each field, in the format's order.</summary>
    public IReadOnlyList<FieldQuestion> Questions { get; }

    /// <summary>The field with the last day of a licence; null where the format has none.</summary>
    public string? EndField { get; }

    /// <summary>The question about a field; null for no such field.</summary>
    public FieldQuestion? Of(string? field) => Questions.FirstOrDefault(q => q.Name == field);

    /// <summary>Whether a renewal leaves a field as it stands: all but the end, what is protected and must be told again, and what a newer version of the format needs.</summary>
    public bool Stays(FieldQuestion question, JsonElement before) => question.Name != EndField && !question.IsHidden && !(question.IsNeeded && Answer(before.At(question.Name)).Length == 0);

    /// <summary>What is wrong with an answer, as a keyword of the schema, or <c>missing</c>; null when it will do. The ledger judges the whole again.</summary>
    public string? Wrong(FieldQuestion question, string answer)
    {
        if (answer.Trim().Length == 0)
        {
            return question.IsNeeded ? "missing" : null;
        }
        if (question == Why)
        {
            return answer.Trim().Length > Assertion.ReasonLengthMax ? "maxLength" : null;
        }
        using var document = JsonDocument.Parse(new JsonObject { [question.Name] = Value(question, answer) }.ToJsonString());
        return schema?.Validate(document.RootElement).FirstOrDefault(e => e.Pointer == $"/{question.Name}" || e.Pointer.StartsWith($"/{question.Name}/", StringComparison.Ordinal))?.Keyword;
    }

    /// <summary>The fields that answers make; an empty answer leaves its field away.</summary>
    public JsonObject Fields(IReadOnlyDictionary<string, string> answers) => new(Questions
        .Where(q => answers.GetValueOrDefault(q.Name)?.Trim().Length > 0).Select(q => KeyValuePair.Create(q.Name, Value(q, answers[q.Name]))));

    /// <summary>What the ledger is asked to draft.</summary>
    public JsonObject Wish(string vct, string iss, IReadOnlyDictionary<string, string> answers)
    {
        var fields = Fields(answers);
        var wish = new JsonObject { ["kind"] = "issue", ["format"] = vct, ["source"] = iss, ["fields"] = fields };
        if (Questions.Contains(Why))
        {
            fields.Remove(Correction);
            wish[Correction] = answers[Correction].Trim();
        }
        if (Expires(fields) is { } expires)
        {
            wish["expires"] = expires;
        }
        return wish;
    }

    /// <summary>The end of the last day, as the record's own expiry has it; null for none.</summary>
    public string? Expires(JsonObject fields) => EndField is not null && fields[EndField] is JsonValue value && value.TryGetValue<string>(out var text)
        && DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? LedgerTime.From(new DateTimeOffset(day.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero).AddMilliseconds(-1)).ToString() : null;

    /// <summary>A field's value as its question would be answered.</summary>
    public static string Answer(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => "",
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Array when value.EnumerateArray().All(i => i.ValueKind == JsonValueKind.String) => string.Join('\n', value.EnumerateArray().Select(i => i.GetString())),
        _ => value.GetRawText(),
    };

    // What cannot be read as its kind goes as text, so that the schema says what is wrong with it.
    private static JsonNode? Value(FieldQuestion question, string answer)
    {
        var text = answer.Trim();
        switch (question.Kind)
        {
            case "number" when decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number):
                return number;
            case "yes" when bool.TryParse(text, out var truth):
                return truth;
            case "list":
                return new JsonArray([.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(l => JsonValue.Create(l))]);
            case "json":
                try
                {
                    return JsonNode.Parse(text);
                }
                catch (JsonException)
                {
                    return text;
                }
            default:
                return text;
        }
    }
}
