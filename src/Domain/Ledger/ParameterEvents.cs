using System.Text.Json;

namespace EventLedger.Domain.Ledger;

/// <summary>What <c>parameter_set</c> does, and from which height. Source: ITU-T Y.4561 (08/2020) 7.2.3, 7.3.8.</summary>
internal static class ParameterEvents
{
    /// <summary>Whether the height from which it is to hold can no longer be the first of its kind: the block that seals it comes before it takes effect.</summary>
    /// <param name="data">The event's data.</param>
    /// <param name="head">Height of the newest sealed header.</param>
    public static bool IsPast(JsonElement data, long head) =>
        data.TryGetProperty("effectiveHeight", out var at) && at.ValueKind == JsonValueKind.Number && at.TryGetInt64(out var height) && height < head + 2;

    /// <summary>A parameter is set.</summary>
    public static string? Set(Entry e, JsonElement data, ref Registry r)
    {
        if (!Members.TryRead(data, out var m, "authorization", "effectiveHeight", "name", "reason?", "value") || !m.TryText("name", out var name)
            || !m.TryLong("value", 0, out var value) || !m.TryLong("effectiveHeight", 1, out var height) || !m.IsTextOrAbsent("reason"))
        {
            return RejectionCode.DataMalformed;
        }
        if (e.Stream != EventTable.ParameterStream)
        {
            return RejectionCode.StreamWrong;
        }
        if (!LedgerParameters.Ranges.TryGetValue(name, out var range) || value < range.Min || value > range.Max)
        {
            return RejectionCode.ParameterRange;
        }
        // What was to come later than this one is replaced by it: the newest word on a height is the one that holds.
        r = r with { Parameters = r.Parameters.RemoveAll(p => p.Name == name && p.EffectiveHeight >= height).Add(new(name, value, height, e.Seq)) };
        return null;
    }
}
