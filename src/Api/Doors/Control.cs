using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Doors;

/// <summary>An event of authority as it is handed in: with the signatures in its data.</summary>
/// <param name="Type">Event type.</param>
/// <param name="Stream">Its stream, 1 to 200 characters.</param>
/// <param name="ExpectedVersion">Version of the stream that the signers saw, from 0.</param>
/// <param name="Data">Its data.</param>
/// <param name="Bytes">The data in canonical form.</param>
public sealed record Control(string Type, string Stream, long ExpectedVersion, JsonElement Data, byte[] Bytes)
{
    /// <summary>Reads <c>{type, stream, expectedVersion, data}</c>.</summary>
    public static bool TryRead(JsonElement json, [NotNullWhen(true)] out Control? control)
    {
        control = null;
        if (json.EnumerateObject().Count() != 4
            || !json.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String
            || !json.TryGetProperty("stream", out var stream) || stream.ValueKind != JsonValueKind.String || stream.GetString() is not { Length: > 0 and <= 200 } name
            || !json.TryGetProperty("expectedVersion", out var version) || version.ValueKind != JsonValueKind.Number || !version.TryGetInt64(out var expected)
            || expected is < 0 or > int.MaxValue || !json.TryGetProperty("data", out var data) || data.ValueKind != JsonValueKind.Object)
        {
            return false;
        }
        control = From(type.GetString()!, name, expected, Jcs.Bytes(data));
        return true;
    }

    /// <summary>A control whose data is in canonical form already.</summary>
    public static Control From(string type, string stream, long expectedVersion, byte[] data) => new(type, stream, expectedVersion, JsonDocument.Parse(data).RootElement, data);

    /// <summary>Who signed first, by pseudonym; validators hold the entry to it.</summary>
    public string Actor(Registry registry) =>
        Data.TryGetProperty("authorization", out var a) && a.ValueKind == JsonValueKind.Object && a.TryGetProperty("signatures", out var s)
        && s.ValueKind == JsonValueKind.Array && s.GetArrayLength() > 0 && s[0].ValueKind == JsonValueKind.Object && s[0].TryGetProperty("kid", out var kid)
        && kid.ValueKind == JsonValueKind.String && registry.Keys.TryGetValue(kid.GetString()!, out var key)
            ? key.Owner
            : "unknown";
}
