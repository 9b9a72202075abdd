using System.Globalization;
using System.Text.Json;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.V2M.Tables;

/// <summary>What a record itself says about time, read from its signed payload.</summary>
/// <param name="Format">Id of its format.</param>
/// <param name="Kid">The key that signed it.</param>
/// <param name="Captured">When the source came to know it; null where it does not say.</param>
/// <param name="Issued">When it was signed.</param>
internal sealed record RecordTimes(string Format, string Kid, DateTimeOffset? Captured, DateTimeOffset Issued)
{
    // The last second that a calendar can hold.
    private const long SecondsMax = 253_402_300_799;

    /// <summary>Null when the entry holds no record; the ledger rules let none in.</summary>
    public static RecordTimes? Read(Entry entry)
    {
        if (!entry.TryRecord(out var record, out _) || !record.Payload.TryGetProperty("vct", out var vct) || vct.GetString()!.Split(':') is not [.., var format, _]
            || !record.Payload.TryGetProperty("iat", out var iat) || Moment(iat) is not { } issued)
        {
            return null;
        }
        return new(format, record.Kid, record.Payload.TryGetProperty("captured", out var captured) ? Moment(captured) : null, issued);
    }

    // Seconds since 1970 as in every claim of a JWT, or a time in the ledger's own form.
    private static DateTimeOffset? Moment(JsonElement claim) => claim.ValueKind switch
    {
        JsonValueKind.Number when claim.TryGetInt64(out var seconds) && seconds is >= 0 and <= SecondsMax => DateTimeOffset.FromUnixTimeSeconds(seconds),
        JsonValueKind.String when LedgerTime.TryParse(claim.GetString(), out var time) => time.Moment,
        JsonValueKind.String when DateTimeOffset.TryParse(claim.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment)
            => moment,
        _ => null,
    };
}
