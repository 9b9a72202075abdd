using System.Globalization;
using EventLedger.Api.Provisioning.Answers;
using EventLedger.Domain.Kernel;

namespace EventLedger.Api.V2M;

/// <summary>The time that a question is about.</summary>
/// <param name="From">Its first moment.</param>
/// <param name="To">The first moment after it.</param>
public readonly record struct Period(LedgerTime From, LedgerTime To)
{
    private const long DayMs = 24L * 60 * 60 * 1000;

    /// <summary>Its length in milliseconds.</summary>
    public long LengthMs => To.UnixMs - From.UnixMs;

    /// <summary>Reads both ends; where one is missing it is now, or a day before the other. Null when there is no such period.</summary>
    public static Period? Of(string? from, string? to, TimeProvider clock)
    {
        var end = to is null ? LedgerTime.From(clock.GetUtcNow()).PlusMs(1) : Moment(to);
        var start = from is null ? end?.PlusMs(-Math.Min(DayMs, end.Value.UnixMs)) : Moment(from);
        return start < end ? new Period(start.Value, end.Value) : null;
    }

    /// <summary>A time in the ledger's form or any other of RFC 3339; null when it is none.</summary>
    public static LedgerTime? Moment(string text) =>
        LedgerTime.TryParse(text, out var time) ? time
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) && moment.ToUnixTimeMilliseconds() >= 0 ? LedgerTime.From(moment)
        : null;

    /// <summary>The answer to two texts that are no period.</summary>
    public static Problem Malformed { get; } =
        new("period-malformed", "'from' and 'to' are times such as 2026-01-01T00:00:00.000Z, 'from' before 'to'. Without them the last 24 hours are meant.");
}
