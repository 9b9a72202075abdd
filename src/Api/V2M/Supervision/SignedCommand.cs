using System.Text.Json;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.V2M.Supervision;

/// <summary>What a person signed, as it comes: <c>{type, stream, expectedVersion, data}</c> with the authorization inside the data.</summary>
/// <param name="Type">Event type.</param>
/// <param name="Stream">Its stream.</param>
/// <param name="ExpectedVersion">Version of the stream that was signed for.</param>
/// <param name="Data">The event's data.</param>
/// <param name="Bytes">Their canonical bytes.</param>
public sealed record SignedCommand(string Type, string Stream, long ExpectedVersion, JsonElement Data, byte[] Bytes)
{
    /// <summary>The member <c>id</c>, which every command of supervision has; empty where it lacks one.</summary>
    public string Id => Text("id") ?? "";

    /// <summary>A text member of the data; null where there is none.</summary>
    public string? Text(string name) => Data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Reads a body; null when it is none.</summary>
    public static SignedCommand? Read(ReadOnlyMemory<byte> body)
    {
        if (Jcs.TryParse(body) is not { RootElement: { ValueKind: JsonValueKind.Object } json } || json.EnumerateObject().Count() != 4
            || !json.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String
            || !json.TryGetProperty("stream", out var stream) || stream.ValueKind != JsonValueKind.String || stream.GetString() is not { Length: > 0 and <= 200 } name
            || !json.TryGetProperty("expectedVersion", out var version) || version.ValueKind != JsonValueKind.Number || !version.TryGetInt64(out var expected)
            || expected is < 0 or > int.MaxValue || !json.TryGetProperty("data", out var data) || data.ValueKind != JsonValueKind.Object)
        {
            return null;
        }
        var bytes = Jcs.Bytes(data);
        return new(type.GetString()!, name, expected, JsonDocument.Parse(bytes).RootElement, bytes);
    }

    /// <summary>Who signed first, by pseudonym; the check of the signatures finds whoever is not known.</summary>
    public string Actor(Registry registry) =>
        Data.TryGetProperty("authorization", out var a) && a.ValueKind == JsonValueKind.Object && a.TryGetProperty("signatures", out var s)
        && s.ValueKind == JsonValueKind.Array && s.GetArrayLength() > 0 && s[0].ValueKind == JsonValueKind.Object && s[0].TryGetProperty("kid", out var kid)
        && kid.ValueKind == JsonValueKind.String && registry.Keys.TryGetValue(kid.GetString()!, out var key)
            ? key.Owner
            : "unknown";
}
