using System.Text.Json;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>What validators hold an event of the host's word to: its stream, and for an access that it tells nothing in the open.</summary>
internal static class HostEvents
{
    /// <summary>A rejection code, or null.</summary>
    public static string? Problem(Entry entry, JsonElement data) =>
        !EventTable.IsHostStream(entry.Type, entry.Stream) ? RejectionCode.StreamWrong
        : entry.Type == EventTable.DataAccessed && !IsHidden(data) ? RejectionCode.DataMalformed : null;

    // Who looked at what is personal too: the chain keeps digests, and erasure reaches the values.
    private static bool IsHidden(JsonElement data) =>
        Members.TryRead(data, out var m, "_sd", "sidecar") && m.TryDigest("sidecar", out _) && m["_sd"].ValueKind == JsonValueKind.Array
        && m["_sd"].EnumerateArray().All(d => d.ValueKind == JsonValueKind.String && B64.TryDecode(d.GetString()!, out var digest) && digest.Length == 32);
}
