using System.Text.Json;

namespace EventLedger.Domain.Ledger.Formats;

/// <summary>Reads a format and holds its parts against each other.</summary>
internal static class RecordFormatReader
{
    private const int IdLengthMax = 64;
    private const int TitleLengthMax = 200;

    // vct urn:eventledger:status:1 is a change of status, so no format may be called so.
    private const string ReservedId = "status";

    private static readonly string[] Optional = ["sources", "metadata", "upcast"];

    private static readonly string[] Needed = ["id", "version", "title", "schema", "classification", "key", "lifecycle"];

    public static RecordFormat Read(JsonElement format)
    {
        if (format.ValueKind != JsonValueKind.Object)
        {
            throw new SchemaRefusal("format-malformed", "", "A format is a JSON object.");
        }
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in format.EnumerateObject())
        {
            if (!seen.Add(member.Name) || (!Needed.Contains(member.Name) && !Optional.Contains(member.Name)))
            {
                throw new SchemaRefusal("format-malformed", SchemaPointer.Join("", member.Name),
                    "Is not a member of a format, or stands twice: remove it.");
            }
        }
        if (Needed.FirstOrDefault(n => !seen.Contains(n)) is { } missing)
        {
            throw new SchemaRefusal("format-malformed", "", $"Lacks the member \"{missing}\": add it.");
        }
        var fields = new FormatFields(Id(format), Version(format), Title(format), Classes(format), Names(format, "key", "key-invalid"),
            Lifecycle(format), seen.Contains("sources") ? Sources(format) : null, seen.Contains("metadata") ? Metadata(format) : null,
            seen.Contains("upcast") ? Ledger.Formats.Upcast.Read(format.GetProperty("upcast"), Version(format)) : null);
        return Join(fields, format.GetProperty("schema").Clone());
    }

    public static bool IsId(string id) =>
        id.Length is >= 1 and <= IdLengthMax && id != ReservedId && id[0] != '-' && id[^1] != '-'
        && id.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    private static RecordFormat Join(FormatFields fields, JsonElement schema)
    {
        if (!JsonSchema.TryCompile(schema, assertsFormats: true, out var full, out var problem))
        {
            throw new SchemaRefusal(problem with { Pointer = "/schema" + problem.Pointer });
        }
        if (fields.Metadata is not null && RecordFormat.MetadataClaims.FirstOrDefault(fields.Classes.ContainsKey) is { } taken)
        {
            throw new SchemaRefusal("field-reserved", SchemaPointer.Join("/schema/properties", taken),
                "Is a claim of the metadata, which this format has: choose another name, or leave out \"metadata\".");
        }
        var split = new PublicSchema(schema, fields.Classes);
        split.Check();
        CheckKey(fields, split);
        var derived = split.Derive();
        using var json = JsonDocument.Parse(derived);
        return JsonSchema.TryCompile(json.RootElement, assertsFormats: true, out var visible, out problem)
            ? new(fields, full, visible, derived)
            : throw new SchemaRefusal("schema-not-separable", "/schema" + problem.Pointer,
                "Refers to the schema of a classified field, which validators do not see: move that schema to $defs.");
    }

    private static void CheckKey(FormatFields fields, PublicSchema split)
    {
        for (var i = 0; i < fields.Key.Count; i++)
        {
            var name = fields.Key[i];
            if (fields.Classes.GetValueOrDefault(name, FieldClass.Restricted) != FieldClass.Public || !split.IsKey(name))
            {
                throw new SchemaRefusal("key-invalid", $"/key/{i}", "A key field is public, required, and of type string or integer.");
            }
        }
    }

    private static string Id(JsonElement format) =>
        format.GetProperty("id") is { ValueKind: JsonValueKind.String } id && IsId(id.GetString()!)
            ? id.GetString()!
            : throw new SchemaRefusal("id-invalid", "/id",
                $"Must be 1 to {IdLengthMax} lowercase letters, digits and inner hyphens, and not \"{ReservedId}\".");

    private static int Version(JsonElement format) =>
        format.GetProperty("version") is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var version) && version >= 1
            ? version
            : throw new SchemaRefusal("version-invalid", "/version", "Must be a whole number of at least 1.");

    private static string Title(JsonElement format) =>
        format.GetProperty("title") is { ValueKind: JsonValueKind.String } title && title.GetString()!.Trim().Length is >= 1 and <= TitleLengthMax
            ? title.GetString()!
            : throw new SchemaRefusal("title-invalid", "/title", $"Must be a text of 1 to {TitleLengthMax} characters.");

    private static bool Lifecycle(JsonElement format) => format.GetProperty("lifecycle").ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw new SchemaRefusal("format-malformed", "/lifecycle", "Must be true or false."),
    };

    private static Dictionary<string, FieldClass> Classes(JsonElement format)
    {
        var classes = new Dictionary<string, FieldClass>(StringComparer.Ordinal);
        var map = format.GetProperty("classification");
        foreach (var member in map.ValueKind == JsonValueKind.Object ? map.EnumerateObject() : default)
        {
            FieldClass? fieldClass = member.Value.ValueKind != JsonValueKind.String ? null : member.Value.GetString() switch
            {
                "public" => FieldClass.Public,
                "personal" => FieldClass.Personal,
                "restricted" => FieldClass.Restricted,
                _ => null,
            };
            if (fieldClass is not { } known || !classes.TryAdd(member.Name, known))
            {
                throw new SchemaRefusal("format-malformed", SchemaPointer.Join("/classification", member.Name),
                    "Must be public, personal or restricted, once per field.");
            }
        }
        return classes.Count > 0 ? classes : throw new SchemaRefusal("format-malformed", "/classification",
            "Must be an object that classifies each field.");
    }

    private static string[] Sources(JsonElement format)
    {
        var sources = Names(format, "sources", "sources-invalid");
        return sources.All(s => Uri.TryCreate(s, UriKind.Absolute, out _))
            ? sources
            : throw new SchemaRefusal("sources-invalid", "/sources", "Must be the URIs of sources.");
    }

    private static string[] Metadata(JsonElement format)
    {
        var json = format.GetProperty("metadata");
        return json.ValueKind == JsonValueKind.Object && json.EnumerateObject().Count() == 1 && json.TryGetProperty("required", out var required)
            && required.IsTexts(out var names) && names.All(RecordFormat.MetadataClaims.Contains)
                ? [.. names]
                : throw new SchemaRefusal("metadata-invalid", "/metadata", $"Must be {{required: [...]}} with names out of {string.Join(", ", RecordFormat.MetadataClaims)}, none twice.");
    }

    private static string[] Names(JsonElement format, string member, string code)
    {
        var list = format.GetProperty(member);
        string[] names = list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(n => n.ValueKind == JsonValueKind.String)
            ? [.. list.EnumerateArray().Select(n => n.GetString()!)]
            : [];
        return names.Length > 0 && names.Distinct(StringComparer.Ordinal).Count() == names.Length
            ? names
            : throw new SchemaRefusal(code, "/" + member, "Must be an array of at least one text, none twice.");
    }
}
