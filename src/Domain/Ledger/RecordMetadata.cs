using System.Text.Json;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>What a record says of how it came to be, where its format has metadata. Source: ITU-T Y.4561 (08/2020) 6.2.3, 8.1.</summary>
public static class RecordMetadata
{
    /// <summary>Longest text, in characters.</summary>
    public const int LengthMax = 256;

    /// <summary>A rejection code, or null.</summary>
    /// <param name="payload">The JWT's payload.</param>
    /// <param name="required">The claims that must be there.</param>
    /// <param name="time">Entry time: nothing is captured after it was received.</param>
    public static string? Problem(JsonElement payload, IReadOnlyList<string> required, LedgerTime time)
    {
        foreach (var name in required)
        {
            if (!payload.TryGetProperty(name, out _))
            {
                return RejectionCode.MetadataMissing;
            }
        }
        foreach (var name in (ReadOnlySpan<string>)["basis", "device", "place"])
        {
            if (payload.TryGetProperty(name, out var text) && (text.ValueKind != JsonValueKind.String || text.GetString()!.Length is 0 or > LengthMax))
            {
                return RejectionCode.RecordMalformed;
            }
        }
        if (!payload.TryGetProperty("captured", out var captured))
        {
            return null;
        }
        return captured.ValueKind != JsonValueKind.String || !LedgerTime.TryParse(captured.GetString()!, out var at) ? RejectionCode.RecordMalformed
            : at > time.PlusMs(RecordRules.IatAheadMsMax) ? RejectionCode.CapturedFuture : null;
    }
}
