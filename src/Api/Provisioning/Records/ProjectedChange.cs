using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Provisioning.Records;

/// <summary>One row for each change of status: what its signed statement says.</summary>
internal readonly record struct ProjectedChange(string Change, string? Reason)
{
    /// <summary>Null when it is not readable.</summary>
    public static ProjectedChange? Read(Entry entry) => entry.TryRecord(out var record, out _)
        ? new(record.Payload.GetProperty("change").GetString()!, record.Payload.TryGetProperty("reason", out var reason) ? reason.GetString() : null)
        : null;
}
