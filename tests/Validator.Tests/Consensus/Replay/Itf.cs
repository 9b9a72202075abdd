using System.Globalization;
using System.Text.Json;

namespace EventLedger.Validator.Tests.Consensus;

/// <summary>Reads the informal trace format of Apalache (ADR-015): numbers as #bigint, sets as #set, functions as #map of pairs.</summary>
internal static class Itf
{
    public static bool Names(JsonElement trace, string name) => trace.Items("vars").Any(v => IsNamed(v.GetString()!, name));

    /// <summary>A variable of a state; its full name has the module's path before it.</summary>
    public static JsonElement Variable(JsonElement state, string name) => state.EnumerateObject().First(p => IsNamed(p.Name, name)).Value;

    public static int Int(JsonElement e) =>
        e.ValueKind == JsonValueKind.Number ? e.GetInt32() : int.Parse(e.GetProperty("#bigint").GetString()!, CultureInfo.InvariantCulture);

    public static IEnumerable<JsonElement> Set(JsonElement e) => e.GetProperty("#set").EnumerateArray();

    public static IEnumerable<(JsonElement Key, JsonElement Value)> Map(JsonElement e) => e.GetProperty("#map").EnumerateArray().Select(pair => (pair[0], pair[1]));

    private static bool IsNamed(string variable, string name) => variable == name || variable.EndsWith("::" + name, StringComparison.Ordinal);
}
