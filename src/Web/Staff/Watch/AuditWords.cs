using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Web.Site;

namespace EventLedger.Web.Staff.Watch;

/// <summary>Audits in words, and when a seed to come will be there.</summary>
public static class AuditWords
{
    private const long AheadMs = 60_000;

    /// <summary>What an audit of the list looks at.</summary>
    public static string Extent(JsonElement audit, Tongue t)
    {
        var data = new JsonObject { ["range"] = new JsonObject { ["from"] = audit.Number("from"), ["to"] = audit.Number("to") }, ["source"] = audit.Text("source"), ["format"] = audit.Text("format") };
        data["sample"] = audit.Number("sampleSize") is { } size ? new JsonObject { ["size"] = size, ["seedHeight"] = audit.Number("seedHeight") } : null;
        return SupervisionWords.Extent(data, t);
    }

    /// <summary>A height that is about a minute away at the pace of the newest blocks: soon enough to wait for, late enough to sign before.</summary>
    public static async Task<long> Seed(StaffLedger ledger)
    {
        var blocks = (await ledger.Get("/u2s/v1/blocks?limit=20")).Value.Items("items");
        if (blocks.Count == 0)
        {
            return 2;
        }
        var (newest, oldest) = (blocks[0], blocks[^1]);
        var tookMs = Math.Max(1, Domain.Kernel.LedgerTime.Parse(newest.Text("time")!).UnixMs - Domain.Kernel.LedgerTime.Parse(oldest.Text("time")!).UnixMs);
        return newest.Number("height")!.Value + Math.Clamp(blocks.Count * AheadMs / tookMs, 2, 500);
    }
}
