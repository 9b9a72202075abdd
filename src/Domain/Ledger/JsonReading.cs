using System.Text.Json;
using EventLedger.Domain.Ledger.Formats;

namespace EventLedger.Domain.Ledger;

/// <summary>Small values as events carry them.</summary>
internal static class JsonReading
{
    private const int TextsMax = 256;

    /// <summary>An id of 1 to 64 lowercase letters, digits and inner hyphens, so that it can stand in a stream's name and in an address.</summary>
    public static bool IsId(this JsonElement json, out string id)
    {
        id = json.ValueKind == JsonValueKind.String ? json.GetString()! : "";
        return RecordFormatReader.IsId(id);
    }

    /// <summary>An array of texts, none twice.</summary>
    public static bool IsTexts(this JsonElement json, out IReadOnlyList<string> texts)
    {
        texts = json.ValueKind == JsonValueKind.Array && json.GetArrayLength() <= TextsMax && json.EnumerateArray().All(t => t.ValueKind == JsonValueKind.String)
            ? [.. json.EnumerateArray().Select(t => t.GetString()!)] : [];
        return json.ValueKind == JsonValueKind.Array && texts.Count == json.GetArrayLength() && texts.Distinct(StringComparer.Ordinal).Count() == texts.Count;
    }
}
