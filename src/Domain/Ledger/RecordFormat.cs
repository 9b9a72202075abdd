using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace EventLedger.Domain.Ledger;

/// <summary>A registered format of records.</summary>
public sealed class RecordFormat
{
    private RecordFormat(JsonElement json) => Json = json;

    /// <summary>The definition.</summary>
    public JsonElement Json { get; }

    /// <summary>Its id.</summary>
    public string Id => Json.GetProperty("id").GetString()!;

    /// <summary>Its version.</summary>
    public long Version => Json.GetProperty("version").GetInt64();

    /// <summary><c>urn:eventledger:id:version</c></summary>
    public string Vct => $"urn:eventledger:{Id}:{Version}";

    /// <summary>Whether its records have a status.</summary>
    public bool Lifecycle => Json.GetProperty("lifecycle").GetBoolean();

    /// <summary>The sources that may use it; null for all.</summary>
    public IReadOnlySet<string>? Sources { get; }

    /// <summary>Reads a definition.</summary>
    public static bool TryParse(JsonElement json, [NotNullWhen(true)] out RecordFormat? format, out string? problem)
    {
        (format, problem) = (new(json), null);
        return true;
    }

    /// <summary>Whether a classified field stands open.</summary>
    public bool Exposes(JsonElement payload) =>
        payload.EnumerateObject().Any(m => Json.GetProperty("classification").TryGetProperty(m.Name, out var c) && c.GetString() != "public");

    /// <summary>Whether the public fields fit.</summary>
    public bool IsValidPublic(JsonElement payload) => payload.ValueKind == Json.ValueKind;

    /// <summary>The stream of a record.</summary>
    public string? StreamOf(string iss, JsonElement payload)
    {
        var keys = new System.Text.Json.Nodes.JsonArray();
        foreach (var name in Json.GetProperty("key").EnumerateArray())
        {
            if (!payload.TryGetProperty(name.GetString()!, out var value))
            {
                return null;
            }
            keys.Add(System.Text.Json.Nodes.JsonNode.Parse(value.GetRawText()));
        }
        return RecordRules.StreamOf(iss, Id, JsonDocument.Parse(keys.ToJsonString()).RootElement);
    }
}
