using System.Globalization;
using System.Text.Json.Nodes;

namespace EventLedger.Cli;

/// <summary>Works out the whole set that a change by name leads to: that is what operators sign.</summary>
internal static class SeatChange
{
    /// <summary>The seats as they stand: <c>[{kid, power}]</c> with names, ascending by kid.</summary>
    public static JsonArray Seats(JsonObject now) => Sorted(now["validators"]!.AsArray().Where(v => v!["state"]!.GetValue<string>() == "seated"));

    /// <summary>With a seat for the newest keys of a name: those it was invited with, else those it has.</summary>
    public static JsonArray Admit(JsonArray seats, JsonArray all, string name, int power)
    {
        var keys = all.FirstOrDefault(v => Is(v, name) && v!["state"]!.GetValue<string>() == "invited") ?? all.FirstOrDefault(v => Is(v, name) && v!["state"]!.GetValue<string>() == "seated")
            ?? throw new ArgumentException($"No validator '{name}' is invited or has a seat. Its body makes a request with ./ledger validator init; ./ledger validator invite lets it in.");
        var kid = keys["kid"]!.GetValue<string>();
        // Its own seat moves to the new keys.
        var before = all.Where(v => Is(v, name)).Select(v => v!["kid"]!.GetValue<string>()).ToHashSet(StringComparer.Ordinal);
        return Sorted(seats.Where(s => !before.Contains(s!["kid"]!.GetValue<string>())).Append(new JsonObject { ["kid"] = kid, ["power"] = (long)power }));
    }

    /// <summary>Without the seat of a name, which <paramref name="all"/> must show.</summary>
    public static JsonArray Leave(JsonArray seats, JsonArray all, string name)
    {
        var gone = all.FirstOrDefault(v => Is(v, name) && v!["state"]!.GetValue<string>() == "seated")?["kid"]!.GetValue<string>()
            ?? throw new ArgumentException($"No validator '{name}' has a seat.");
        return Sorted(seats.Where(s => s!["kid"]!.GetValue<string>() != gone));
    }

    /// <summary>Reads NAME or NAME=POWER.</summary>
    public static (string Name, int Power) Parse(string text) => text.LastIndexOf('=') is > 0 and var at
        && int.TryParse(text.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var power) ? (text[..at], power) : (text, 1);

    private static bool Is(JsonNode? validator, string name) => validator!["name"]!.GetValue<string>() == name;

    private static JsonArray Sorted(IEnumerable<JsonNode?> seats) => [.. seats
        .Select(s => new JsonObject { ["kid"] = s!["kid"]!.GetValue<string>(), ["power"] = s["power"]!.GetValue<long>() })
        .OrderBy(s => s["kid"]!.GetValue<string>(), StringComparer.Ordinal)];
}
