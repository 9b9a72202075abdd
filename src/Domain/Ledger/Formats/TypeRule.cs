using System.Text.Json;

namespace EventLedger.Domain.Ledger.Formats;

/// <summary>Keyword <c>type</c>. Source: JSON Schema Validation 2020-12, 6.1.1.</summary>
internal sealed class TypeRule(JsonTypes allowed)
{
    private readonly string names = string.Join(" or ", Enum.GetValues<JsonTypes>().Where(t => t != 0 && allowed.HasFlag(t)).Select(Name));

    public JsonTypes Allowed => allowed;

    public static JsonTypes Parse(string? name) => name switch
    {
        "null" => JsonTypes.Null,
        "boolean" => JsonTypes.Boolean,
        "object" => JsonTypes.Object,
        "array" => JsonTypes.Array,
        "number" => JsonTypes.Number,
        "string" => JsonTypes.String,
        "integer" => JsonTypes.Integer,
        _ => JsonTypes.None,
    };

    public bool Evaluate(JsonElement value, ref Evaluation e)
    {
        var kind = value.ValueKind switch
        {
            JsonValueKind.Object => JsonTypes.Object,
            JsonValueKind.Array => JsonTypes.Array,
            JsonValueKind.Number => JsonTypes.Number,
            JsonValueKind.String => JsonTypes.String,
            JsonValueKind.True or JsonValueKind.False => JsonTypes.Boolean,
            _ => JsonTypes.Null,
        };
        return (allowed & kind) != 0
            || (kind == JsonTypes.Number && (allowed & JsonTypes.Integer) != 0 && NumberLimit.IsInteger(value))
            || e.Fail("type", "Must be of type {0}.", names);
    }

    private static string Name(JsonTypes type) => type.ToString().ToLowerInvariant();
}
