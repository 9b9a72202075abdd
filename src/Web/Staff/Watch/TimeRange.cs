using EventLedger.Api.V2M;
using EventLedger.Domain.Kernel;

namespace EventLedger.Web.Staff.Watch;

/// <summary>The one time that a page is about, as its address says it: a quick range up to now, or two moments.</summary>
/// <param name="From">First moment.</param>
/// <param name="To">First moment after.</param>
/// <param name="Quick">The quick range's name; null for two moments.</param>
public sealed record TimeRange(LedgerTime From, LedgerTime To, string? Quick)
{
    private const string Usual = "24h";
    private const long MinuteMs = 60_000;

    /// <summary>Quick ranges: name in the address, name for people, length in milliseconds.</summary>
    public static IReadOnlyList<(string Name, string Title, long LengthMs)> All { get; } =
    [
        ("15m", "15 minutes", 15 * MinuteMs), ("1h", "1 hour", 60 * MinuteMs), ("6h", "6 hours", 360 * MinuteMs), (Usual, "24 hours", 1440 * MinuteMs),
        ("7d", "7 days", 7 * 1440 * MinuteMs), ("30d", "30 days", 30 * 1440 * MinuteMs),
    ];

    /// <summary>Whether what stood in the address could not be read, so that the usual range is shown.</summary>
    public bool IsMalformed { get; private init; }

    /// <summary>Reads the members <c>range</c>, <c>from</c> and <c>to</c> of an address.</summary>
    public static TimeRange Of(string? range, string? from, string? to, DateTimeOffset now)
    {
        var isAsked = !string.IsNullOrWhiteSpace(from) || !string.IsNullOrWhiteSpace(to);
        var end = string.IsNullOrWhiteSpace(to) ? LedgerTime.From(now).PlusMs(1) : Period.Moment(to);
        var start = string.IsNullOrWhiteSpace(from) ? end?.PlusMs(-Math.Min(end.Value.UnixMs, 1440 * MinuteMs)) : Period.Moment(from);
        if (isAsked && start < end)
        {
            return new(start.Value, end.Value, null);
        }
        var quick = All.FirstOrDefault(q => q.Name == range) is { Name: not null } found ? found : All.First(q => q.Name == Usual);
        var until = LedgerTime.From(now).PlusMs(1);
        return new(until.PlusMs(-quick.LengthMs), until, quick.Name) { IsMalformed = isAsked };
    }

    /// <summary>As members of an address of the API, both ends fixed.</summary>
    public string Query => $"from={From}&to={To}";

    /// <summary>As a field of a form has it: to the minute.</summary>
    public static string Field(LedgerTime time) => time.ToString()[..16];
}
