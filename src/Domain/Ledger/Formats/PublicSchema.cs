using System.Buffers;
using System.Text.Json;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger.Formats;

/// <summary>
/// Takes the classified fields out of a format's schema. That is only possible when no rule of the record as a whole speaks of them, for validators
/// check the public part alone and must come to the same answer.
/// </summary>
/// <remarks>Source: DESIGN section 3, "What the ledger rules see".</remarks>
internal sealed class PublicSchema
{
    private readonly JsonElement schema;
    private readonly IReadOnlyDictionary<string, FieldClass> classes;
    private readonly SchemaDocument document;
    private readonly HashSet<string> visited = [];
    private readonly bool hasClassified;

    /// <summary>The schema must compile.</summary>
    public PublicSchema(JsonElement schema, IReadOnlyDictionary<string, FieldClass> classes)
    {
        this.schema = schema;
        this.classes = classes;
        document = new(schema);
        hasClassified = classes.Values.Any(c => c != FieldClass.Public);
    }

    public void Check()
    {
        if (schema.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("type", out var type) || !IsText(type, "object")
            || !schema.TryGetProperty("properties", out var properties))
        {
            throw Refuse("schema-open", "", "The schema of a record has \"type\": \"object\" and \"properties\".");
        }
        if (!schema.TryGetProperty("additionalProperties", out var others) || others.ValueKind != JsonValueKind.False)
        {
            throw Refuse("schema-open", "", "Add \"additionalProperties\": false: a field that nobody has classified could be personal.");
        }
        CheckFields(properties);
        foreach (var place in document.Pointers.Select(p => document[p]))
        {
            CheckNoWayBack(place);
        }
        CheckPlace(document[""]);
    }

    /// <summary>Whether a field can name a record: required, and always a string or an integer.</summary>
    public bool IsKey(string field) =>
        schema.TryGetProperty("required", out var required) && required.EnumerateArray().Any(r => IsText(r, field))
        && schema.GetProperty("properties").GetProperty(field) is { ValueKind: JsonValueKind.Object } own
        && own.TryGetProperty("type", out var type) && (IsText(type, "string") || IsText(type, "integer"));

    /// <summary>The canonical form of the schema without classified fields.</summary>
    public byte[] Derive()
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            foreach (var member in schema.EnumerateObject())
            {
                if (member.Name == "properties")
                {
                    WriteProperties(writer, member.Value);
                }
                else if (member.Name == "required")
                {
                    WriteRequired(writer, member.Value);
                }
                else
                {
                    member.WriteTo(writer);
                }
            }
            writer.WriteEndObject();
        }
        using var derived = JsonDocument.Parse(json.WrittenMemory);
        return Jcs.Bytes(derived.RootElement);
    }

    private void WriteProperties(Utf8JsonWriter writer, JsonElement properties)
    {
        writer.WriteStartObject("properties");
        foreach (var property in properties.EnumerateObject().Where(p => IsPublic(p.Name)))
        {
            property.WriteTo(writer);
        }
        writer.WriteEndObject();
    }

    private void WriteRequired(Utf8JsonWriter writer, JsonElement required)
    {
        writer.WriteStartArray("required");
        foreach (var name in required.EnumerateArray().Where(r => IsPublic(r.GetString()!)))
        {
            name.WriteTo(writer);
        }
        writer.WriteEndArray();
    }

    private void CheckFields(JsonElement properties)
    {
        foreach (var property in properties.EnumerateObject())
        {
            var at = SchemaPointer.Join("/properties", property.Name);
            if (RecordFormat.EnvelopeClaims.Contains(property.Name) || property.Name.StartsWith('_'))
            {
                throw Refuse("field-reserved", at, "Is a name of the ledger's own claims (so is every name that begins with _): choose another.");
            }
            if (!classes.ContainsKey(property.Name))
            {
                throw Refuse("field-unclassified", at, "Say in \"classification\" whether it is public, personal or restricted.");
            }
        }
        if (classes.Keys.FirstOrDefault(c => !properties.TryGetProperty(c, out _)) is { } unlisted)
        {
            throw new SchemaRefusal("field-unlisted", SchemaPointer.Join("/classification", unlisted), "Is not among the properties of the schema.");
        }
    }

    // A schema deeper in the record that refers to the root would mean one thing to the host and another to validators.
    private void CheckNoWayBack(SchemaPlace place)
    {
        if (place.Schema.ValueKind != JsonValueKind.Object)
        {
            return;
        }
        if (place.Schema.TryGetProperty("$dynamicRef", out _))
        {
            throw Refuse("schema-not-separable", place.Pointer + "/$dynamicRef",
                "May lead elsewhere once classified fields are taken out: use $ref.");
        }
        if (place.Schema.TryGetProperty("$ref", out var reference)
            && document.Resolve(reference.GetString()!, place.Resource, place.Pointer).Target.Pointer.Length == 0)
        {
            throw Refuse("schema-not-separable", place.Pointer + "/$ref", "A record does not contain records: refer to a schema in $defs.");
        }
    }

    // Looks at the schemas that apply to the record as a whole.
    private void CheckPlace(SchemaPlace place)
    {
        if (!visited.Add(place.Pointer) || place.Schema.ValueKind != JsonValueKind.Object)
        {
            return;
        }
        foreach (var member in place.Schema.EnumerateObject())
        {
            CheckKeyword(place, member.Name, member.Value, SchemaPointer.Join(place.Pointer, member.Name), place.Pointer.Length == 0);
        }
    }

    private void CheckKeyword(SchemaPlace place, string keyword, JsonElement value, string at, bool isRoot)
    {
        switch (keyword)
        {
            case "allOf" or "anyOf" or "oneOf":
                for (var i = 0; i < value.GetArrayLength(); i++)
                {
                    CheckPlace(document[$"{at}/{i}"]);
                }
                break;
            case "not" or "if" or "then" or "else":
                CheckPlace(document[at]);
                break;
            case "$ref":
                CheckPlace(document.Resolve(value.GetString()!, place.Resource, at).Target);
                break;
            case "dependentSchemas":
                foreach (var member in value.EnumerateObject())
                {
                    CheckName(member.Name, at);
                    CheckPlace(document[SchemaPointer.Join(at, member.Name)]);
                }
                break;
            case "dependentRequired":
                foreach (var member in value.EnumerateObject())
                {
                    CheckName(member.Name, at);
                    CheckNames(member.Value, at);
                }
                break;
            case "required":
                CheckNames(value, at, isRoot);
                break;
            case "properties" when !isRoot:
                foreach (var member in value.EnumerateObject())
                {
                    CheckName(member.Name, at);
                }
                break;
            case "const" or "enum" or "patternProperties":
                throw Refuse("schema-not-separable", at,
                    $"\"{keyword}\" cannot be used on the record as a whole: name the fields under \"properties\".");
            case "additionalProperties" when !isRoot && hasClassified:
            case "unevaluatedProperties" or "propertyNames" or "minProperties" or "maxProperties" when hasClassified:
                throw Refuse("schema-not-separable", at, $"\"{keyword}\" would count the classified fields, which validators do not see.");
        }
    }

    private void CheckNames(JsonElement names, string at, bool isRoot = false)
    {
        foreach (var name in names.EnumerateArray())
        {
            CheckName(name.GetString()!, at, isRoot);
        }
    }

    private void CheckName(string name, string at, bool mayBeClassified = false)
    {
        if (!classes.ContainsKey(name))
        {
            throw Refuse("field-unlisted", at, $"Names \"{name}\", which is not among the properties of the schema.");
        }
        if (!mayBeClassified && !IsPublic(name))
        {
            throw Refuse("schema-not-separable", at,
                $"Names the classified field \"{name}\" in a combinator, condition or dependency, which validators cannot check.");
        }
    }

    private bool IsPublic(string field) => classes.GetValueOrDefault(field, FieldClass.Restricted) == FieldClass.Public;

    private static bool IsText(JsonElement value, string text) => value.ValueKind == JsonValueKind.String && value.ValueEquals(text);

    private static SchemaRefusal Refuse(string code, string pointer, string text) => new(code, "/schema" + pointer, text);
}
