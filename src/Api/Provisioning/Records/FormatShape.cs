using System.Globalization;
using System.Text.Json;
using EventLedger.Domain.Ledger.Formats;

namespace EventLedger.Api.Provisioning.Records;

/// <summary>What reading a record takes from its registered format: names, words and who may see what. The definition was checked when it was sealed.</summary>
public sealed class FormatShape
{
    private readonly Dictionary<string, string> labels = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> types = new(StringComparer.Ordinal);

    /// <summary>Reads a registered definition.</summary>
    public FormatShape(JsonElement definition)
    {
        Id = definition.GetProperty("id").GetString()!;
        Version = definition.GetProperty("version").GetInt64();
        Title = definition.GetProperty("title").GetString()!;
        HasLifecycle = definition.GetProperty("lifecycle").GetBoolean();
        Key = [.. definition.GetProperty("key").EnumerateArray().Select(k => k.GetString()!)];
        var classes = definition.GetProperty("classification");
        Beside = RecordFormat.Beside(definition.TryGetProperty("metadata", out _), name => classes.TryGetProperty(name, out _));
        Withheld = [.. definition.GetProperty("classification").EnumerateObject().Where(c => c.Value.GetString() != "public").Select(c => c.Name)];
        var schema = definition.GetProperty("schema");
        var fields = new List<string>();
        if (schema.TryGetProperty("x-order", out var order) && order.ValueKind == JsonValueKind.Array)
        {
            fields.AddRange(order.EnumerateArray().Where(o => o.ValueKind == JsonValueKind.String).Select(o => o.GetString()!).Distinct(StringComparer.Ordinal));
        }
        fields.AddRange(Key.Where(k => !fields.Contains(k)));
        if (schema.TryGetProperty("required", out var required))
        {
            fields.AddRange(required.EnumerateArray().Select(r => r.GetString()!).Where(r => !fields.Contains(r)));
        }
        Fields = fields;
        if (schema.TryGetProperty("properties", out var properties))
        {
            fields.AddRange(properties.EnumerateObject().Select(x => x.Name).Where(n => !fields.Contains(n)).Order(StringComparer.Ordinal));
            foreach (var property in properties.EnumerateObject())
            {
                labels[property.Name] = property.Value.ValueKind == JsonValueKind.Object && property.Value.TryGetProperty("title", out var title)
                        && title.ValueKind == JsonValueKind.String
                    ? title.GetString()!
                    : Spoken(property.Name);
                types[property.Name] = TypeIn(property.Value);
            }
        }
    }

    /// <summary>Its id.</summary>
    public string Id { get; }

    /// <summary>1 or more.</summary>
    public long Version { get; }

    /// <summary>What people call it.</summary>
    public string Title { get; }

    /// <summary>Whether its records have a status.</summary>
    public bool HasLifecycle { get; }

    /// <summary>Claims of its records that are no fields: how a record came to be, and who asserts it.</summary>
    public IReadOnlyList<string> Beside { get; }

    /// <summary>Names of the key fields.</summary>
    public IReadOnlyList<string> Key { get; }

    /// <summary>Fields that are personal or restricted: public answers give their names only.</summary>
    public IReadOnlyList<string> Withheld { get; }

    /// <summary>Whether everybody may see a field.</summary>
    public bool IsPublic(string field) => types.ContainsKey(field) && !Withheld.Contains(field);

    /// <summary>A field's type in the schema's words; <c>date</c> for a text that is a date or a moment, and "" where the schema leaves it open.</summary>
    public string TypeOf(string field) => types.GetValueOrDefault(field, "");

    /// <summary>What a record says in its claim <c>vct</c>.</summary>
    public string Vct => VctOf(Id, Version);

    /// <summary>
    /// The format's fields in the order of the schema's note <c>x-order</c>; after them what names a record, what every record has, and the rest by name.
    /// Canonical JSON does not keep the order of members, only that of arrays.
    /// </summary>
    public IReadOnlyList<string> Fields { get; }

    /// <summary>The format's own word for a field, else its name in words.</summary>
    public string Label(string field) => labels.TryGetValue(field, out var label) ? label : Spoken(field);

    /// <summary><c>urn:eventledger:id:version</c></summary>
    public static string VctOf(string id, long version) => string.Create(CultureInfo.InvariantCulture, $"urn:eventledger:{id}:{version}");

    private static string TypeIn(JsonElement property)
    {
        if (property.ValueKind != JsonValueKind.Object || !property.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String)
        {
            return "";
        }
        return property.TryGetProperty("format", out var format) && format.ValueKind == JsonValueKind.String && format.GetString() is "date" or "date-time" ? "date" : type.GetString()!;
    }

    // foodItems, food_items, FoodItems: Food items.
    private static string Spoken(string name)
    {
        var words = new System.Text.StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            if (c is '_' or '-')
            {
                words.Append(' ');
            }
            else if (char.IsUpper(c) && i > 0 && char.IsLower(name[i - 1]))
            {
                words.Append(' ').Append(char.ToLowerInvariant(c));
            }
            else
            {
                words.Append(i == 0 ? char.ToUpperInvariant(c) : c);
            }
        }
        return words.ToString();
    }
}
