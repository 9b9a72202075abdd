using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EventLedger.Web.Staff;

/// <summary>Reads answers of the API.</summary>
public static class Read
{
    /// <summary>A member as text: strings as they are, other values as JSON; null where there is none.</summary>
    public static string? Text(this JsonElement json, string name) => json.At(name) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Undefined or JsonValueKind.Null } => null,
        var other => other.GetRawText(),
    };

    /// <summary>A member as a whole number; null where there is none.</summary>
    public static long? Number(this JsonElement json, string name) => json.At(name) is { ValueKind: JsonValueKind.Number } n && n.TryGetInt64(out var value) ? value : null;

    /// <summary>Whether a member is true.</summary>
    public static bool Is(this JsonElement json, string name) => json.At(name).ValueKind == JsonValueKind.True;

    /// <summary>A member's items; none where it is no list.</summary>
    public static IReadOnlyList<JsonElement> Items(this JsonElement json, string name) => json.At(name) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray()] : [];

    /// <summary>A member; undefined where there is none.</summary>
    public static JsonElement At(this JsonElement json, string name) => json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) ? value : default;

    /// <summary>Text as JSON; null where it is none.</summary>
    public static JsonNode? Node(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A number with the reader's grouping.</summary>
    public static string Grouped(this long n) => n.ToString("N0", CultureInfo.CurrentCulture);

    /// <summary>JSON for people: two spaces an indent.</summary>
    public static string Indented(this JsonElement json) => json.ValueKind == JsonValueKind.Undefined ? "" : JsonSerializer.Serialize(json, Pretty);

    private static readonly JsonSerializerOptions Pretty = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
