using System.Text.Json;

namespace EventLedger.Domain.Ledger.Formats;

/// <summary>Reads the keywords for objects.</summary>
internal static class ObjectKeywords
{
    private static readonly string[] Keywords =
    [
        "properties", "patternProperties", "additionalProperties", "propertyNames", "required", "minProperties", "maxProperties",
        "dependentRequired", "dependentSchemas",
    ];

    public static ObjectRule? Read(KeywordReader reader)
    {
        var properties = reader.SchemasByName("properties").ToDictionary(p => p.Name, p => p.Node, StringComparer.Ordinal);
        var required = reader.Names("required");
        var needs = DependentRequired(reader);
        var dependents = reader.SchemasByName("dependentSchemas").ToArray();
        string[] spoken = [.. properties.Keys.Concat(required).Concat(needs.Keys).Concat(needs.Values.SelectMany(n => n))
            .Concat(dependents.Select(d => d.Name)).Distinct(StringComparer.Ordinal)];
        var number = spoken.Index().ToDictionary(n => n.Item, n => n.Index, StringComparer.Ordinal);
        var rule = new ObjectRule(new(spoken))
        {
            Properties = [.. spoken.Select(n => properties.GetValueOrDefault(n))],
            Patterns = [.. reader.SchemasByName("patternProperties")
                .Select(p => (KeywordReader.Pattern(p.Name, SchemaPointer.Join(reader.At("patternProperties"), p.Name)), p.Node))],
            Additional = reader.Schema("additionalProperties"),
            Name = reader.Schema("propertyNames"),
            Required = [.. required.Select(n => number[n])],
            DependentRequired = [.. needs.Select(n => (number[n.Key], n.Value.Select(m => number[m]).ToArray()))],
            DependentSchemas = [.. dependents.Select(d => (number[d.Name], d.Node))],
            CountMin = reader.Count("minProperties", 0),
            CountMax = reader.Count("maxProperties", long.MaxValue),
        };
        return Keywords.Any(reader.Has) ? rule : null;
    }

    private static Dictionary<string, string[]> DependentRequired(KeywordReader reader)
    {
        if (reader.Value("dependentRequired") is not { } map)
        {
            return [];
        }
        var at = reader.At("dependentRequired");
        return map.ValueKind == JsonValueKind.Object
            ? map.EnumerateObject().ToDictionary(
                m => m.Name, m => KeywordReader.Names(m.Value, SchemaPointer.Join(at, m.Name)), StringComparer.Ordinal)
            : throw reader.Wrong("dependentRequired", "Must be an object whose members are arrays of member names.");
    }
}
