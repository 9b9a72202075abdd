using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Ledger;
using EventLedger.Domain.Ledger.Formats;

namespace EventLedger.Api.Delivery;

/// <summary>What is sealed, as a message that any broker can carry. It names the entry and leads to its proof; it holds no field of a record. Source: CNCF CloudEvents 1.0.2.</summary>
internal static class CloudEvent
{
    /// <summary>Media type of one event as a JSON document.</summary>
    public const string MediaType = "application/cloudevents+json";

    /// <summary>The attributes with the data.</summary>
    public static JsonObject Of(string chain, Entry entry, string? format)
    {
        var data = new JsonObject { ["entry"] = entry.Seq, ["stream"] = entry.Stream, ["version"] = entry.Version };
        if (format is not null)
        {
            data["format"] = format;
        }
        if (entry.Type == EventTable.SubmissionAccepted)
        {
            data["record"] = string.Create(CultureInfo.InvariantCulture, $"/u2s/v1/records/{entry.Seq}");
            data["proof"] = string.Create(CultureInfo.InvariantCulture, $"/u2s/v1/records/{entry.Seq}/proof");
        }
        else
        {
            data["proof"] = string.Create(CultureInfo.InvariantCulture, $"/u2s/v1/entries/{entry.Seq}/proof");
        }
        return new()
        {
            ["specversion"] = "1.0",
            // The same entry has the same id from every host and at every attempt, so a receiver can tell a repeat.
            ["id"] = string.Create(CultureInfo.InvariantCulture, $"{chain}-{entry.Seq}"),
            ["source"] = $"urn:eventledger:{chain}", ["type"] = $"eventledger.{entry.Type}.v1", ["subject"] = entry.Stream, ["time"] = entry.Time.ToString(),
            ["sequence"] = entry.Seq.ToString("D19", CultureInfo.InvariantCulture), ["datacontenttype"] = "application/json", ["data"] = data,
        };
    }

    /// <summary>The format that a record or a change of status is of; null for other events.</summary>
    public static string? FormatOf(Entry entry)
    {
        if (entry.Type is not (EventTable.SubmissionAccepted or EventTable.StatusChanged) || !entry.TryRecord(out var record, out _))
        {
            return null;
        }
        if (entry.Type == EventTable.StatusChanged)
        {
            return record.Payload.TryGetProperty("format", out var format) && format.ValueKind == JsonValueKind.String ? format.GetString() : null;
        }
        return record.Payload.TryGetProperty("vct", out var vct) && RecordFormat.TryParseVct(vct.GetString(), out var id, out _) ? id : null;
    }
}
