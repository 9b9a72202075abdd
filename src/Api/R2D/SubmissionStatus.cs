using System.Text.Json.Nodes;
using EventLedger.Api.Doors;
using EventLedger.Api.Http;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;

namespace EventLedger.Api.R2D;

/// <summary><c>GET /r2d/v1/submissions/{id}</c>: where a submission stands.</summary>
public static class SubmissionStatus
{
    /// <summary>accepted, sealed (with its height) or rejected (with its code).</summary>
    public static async Task<IResult> Handle(long id, IEventStore store, IP2R processing, ReceiptWriter receipts, CancellationToken cancellation)
    {
        if (id < 1 || await store.ReadAll(id, 1, cancellation) is not [var entry] || EventTable.Types.GetValueOrDefault(entry.Entry.Type) != Proof.Issuer)
        {
            return Problems.From("seq-unknown", $"There is no submission with id {id}.");
        }
        var body = new JsonObject
        {
            ["id"] = id.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["seq"] = id,
            ["leaf"] = entry.Leaf.ToString(),
            ["status"] = "accepted",
            ["time"] = entry.Entry.Time.ToString(),
            ["times"] = new JsonObject { ["captured"] = Captured(entry.Entry), ["received"] = entry.Entry.Time.ToString(), ["sealed"] = null },
            ["receipt"] = JsonNode.Parse(receipts.Receipt(entry)),
        };
        if (await processing.Result(id, TimeSpan.Zero, cancellation) is { } result)
        {
            body["height"] = result.Height;
            body["times"]!["sealed"] = result.Time.ToString();
            body["status"] = "sealed";
            if (result.Code is { } code)
            {
                body["status"] = "rejected";
                body["code"] = code;
            }
        }
        return Json.Ok(body);
    }

    // The source's own word, which nobody else can check: when it says that what it recorded was so.
    private static string? Captured(Entry entry) =>
        entry.TryRecord(out var record, out _) && record.Payload.TryGetProperty("captured", out var captured) && captured.ValueKind == System.Text.Json.JsonValueKind.String
            ? captured.GetString() : null;
}
