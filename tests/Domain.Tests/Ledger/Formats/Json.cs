using System.Text.Json;

namespace EventLedger.Domain.Tests.Ledger.Formats;

/// <summary>JSON from text, as the ledger's edge would have parsed it.</summary>
internal static class Json
{
    public static JsonElement Of(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
