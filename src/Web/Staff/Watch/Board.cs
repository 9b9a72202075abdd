using System.Text.Json;
using EventLedger.Domain.Ledger;

namespace EventLedger.Web.Staff.Watch;

/// <summary>The boards: which series each shows, and what was decided meanwhile.</summary>
public static class Board
{
    private const int ActsMax = 200, StepsMax = 120;

    /// <summary>Boards with their plots: name in the address, heading, series with its title.</summary>
    public static IReadOnlyList<(string Name, string Title, IReadOnlyList<(string Series, string Title)> Plots)> All { get; } =
    [
        ("collection", "Collection", [("records", "Records by source"), ("entries", "Entries by kind of event")]),
        ("sealing", "Sealing", [("sealed", "Sealed"), ("waiting", "Waiting for the seal"), ("seal-ms", "From entry to seal")]),
        ("delivery", "Delivery", [("delivery", "Protected fields read, and records passed on")]),
    ];

    /// <summary>Acts that only people with a role do: they are why a line changes.</summary>
    public static IReadOnlyList<string> Governance { get; } = [.. EventTable.Types.Where(t => t.Value == Proof.Authorization).Select(t => t.Key)];

    /// <summary>The address of a series, with steps of whole minutes.</summary>
    public static string Path(string series, TimeRange range)
    {
        var step = Math.Max(1, ((range.To.UnixMs - range.From.UnixMs) / 60_000 + StepsMax - 1) / StepsMax) * 60;
        return $"/v2m/v1/series?name={series}&{range.Query}&step={step}";
    }

    /// <summary>What was decided in a time, oldest first, with whether there was more than is listed.</summary>
    public static async Task<(IReadOnlyList<JsonElement> Acts, bool IsMore)> Acts(StaffLedger ledger, TimeRange range)
    {
        var answer = await ledger.Get($"/v2m/v1/operations?from={range.From}&limit={ActsMax}{string.Concat(Governance.Select(t => $"&types={t}"))}");
        var acts = answer.Value.Items("items").Where(a => string.CompareOrdinal(a.Text("time"), range.To.ToString()) < 0).ToList();
        return (acts, acts.Count == ActsMax);
    }
}
