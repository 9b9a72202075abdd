using System.Collections.Frozen;

namespace EventLedger.Domain.Ledger.Formats;

/// <summary>The closed list of keywords of JSON Schema 2020-12 that this validator knows. Any other is refused, except <c>x-…</c>.</summary>
internal static class SchemaKeywords
{
    public const string Dialect = "https://json-schema.org/draft/2020-12/schema";

    public static FrozenDictionary<string, KeywordShape> Shapes { get; } = All().ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Notes to readers: they constrain nothing, so their contents are not looked at.</summary>
    public static FrozenSet<string> Annotations { get; } = new[]
    {
        "$comment", "title", "description", "default", "deprecated", "readOnly", "writeOnly", "examples",
        "format", "contentEncoding", "contentMediaType", "contentSchema",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static IEnumerable<KeyValuePair<string, KeywordShape>> All() =>
    [
        .. Of(KeywordShape.Schema, "not", "if", "then", "else", "items", "contains", "additionalProperties", "propertyNames",
            "unevaluatedItems", "unevaluatedProperties", "contentSchema"),
        .. Of(KeywordShape.SchemaList, "allOf", "anyOf", "oneOf", "prefixItems"),
        .. Of(KeywordShape.SchemaByName, "$defs", "properties", "patternProperties", "dependentSchemas"),
        .. Of(KeywordShape.Plain, "$schema", "$id", "$ref", "$anchor", "$dynamicRef", "$dynamicAnchor", "$comment",
            "type", "enum", "const", "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength", "pattern",
            "maxItems", "minItems", "uniqueItems", "maxContains", "minContains", "maxProperties", "minProperties", "required", "dependentRequired",
            "title", "description", "default", "deprecated", "readOnly", "writeOnly", "examples", "format", "contentEncoding", "contentMediaType"),
    ];

    private static IEnumerable<KeyValuePair<string, KeywordShape>> Of(KeywordShape shape, params string[] names) =>
        names.Select(n => KeyValuePair.Create(n, shape));
}
