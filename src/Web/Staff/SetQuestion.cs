using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EventLedger.Web.Staff;

/// <summary>A validator set as somebody thinks of it, read from an address: <c>p.KID=POWER</c>, 0 for no seat.</summary>
/// <param name="Members">Key and power, ascending by key; those without a seat are left out.</param>
public sealed record SetQuestion(IReadOnlyList<(string Kid, long Power)> Members)
{
    private const string Prefix = "p.";

    /// <summary>Reads it; null where the address asks nothing.</summary>
    public static SetQuestion? Of(IQueryCollection query)
    {
        var all = query.Where(q => q.Key.StartsWith(Prefix, StringComparison.Ordinal)).ToList();
        return all.Count == 0 ? null : new([.. all.Select(q => (Kid: q.Key[Prefix.Length..], Power: Number(q.Value.ToString()))).Where(m => m.Power > 0).OrderBy(m => m.Kid, StringComparer.Ordinal)]);
    }

    /// <summary>The power that is asked for a key; null where nothing is asked.</summary>
    public static long? Asked(IQueryCollection query, string kid) => query.TryGetValue(Prefix + kid, out var value) ? Number(value.ToString()) : null;

    /// <summary>As <c>/o2c/v1/validators/what-if</c> takes it.</summary>
    public JsonArray ToJson() => [.. Members.Select(m => new JsonObject { ["kid"] = m.Kid, ["power"] = m.Power })];

    /// <summary>The act that makes it so.</summary>
    /// <param name="version">Version of the set that was seen.</param>
    public ActLink Way(long? version) => ActLink.To("set", "validator", ("members", ToJson().ToJsonString())).Seen(version);

    /// <summary>The forecast in an answer: the answer itself, or what a refusal says.</summary>
    public static JsonElement Forecast(Reply<JsonElement> reply) => reply.IsGood ? reply.Value : reply.Details;

    private static long Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0;
}
