using System.Globalization;

namespace EventLedger.Domain.Kernel;

/// <summary>A moment in UTC with exactly millisecond precision, as every format of the ledger writes it.</summary>
/// <param name="UnixMs">Milliseconds since 1970-01-01T00:00:00Z; 0 to 253402300799999 (end of year 9999).</param>
public readonly record struct LedgerTime(long UnixMs) : IComparable<LedgerTime>
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>Cuts a moment down to its millisecond.</summary>
    public static LedgerTime From(DateTimeOffset moment) => new(moment.ToUnixTimeMilliseconds());

    /// <summary>Reads <c>2026-01-01T00:00:00.000Z</c> and no other form.</summary>
    public static bool TryParse(string? text, out LedgerTime time)
    {
        var ok = DateTimeOffset.TryParseExact(text, Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
            && moment.ToUnixTimeMilliseconds() >= 0;
        time = ok ? From(moment) : default;
        return ok;
    }

    /// <summary>Reads <c>2026-01-01T00:00:00.000Z</c>; throws <see cref="FormatException"/> for anything else.</summary>
    public static LedgerTime Parse(string text) =>
        TryParse(text, out var time) ? time : throw new FormatException("A time is written like 2026-01-01T00:00:00.000Z.");

    /// <summary>The same moment as the BCL's type, offset zero.</summary>
    public DateTimeOffset Moment => DateTimeOffset.FromUnixTimeMilliseconds(UnixMs);

    /// <summary>Later by a number of milliseconds.</summary>
    public LedgerTime PlusMs(long ms) => new(UnixMs + ms);

    /// <summary><c>2026-01-01T00:00:00.000Z</c></summary>
    public override string ToString() => string.Create(24, Moment, static (text, moment) =>
    {
        // Written by hand because every entry, receipt and header pays for it.
        "0000-00-00T00:00:00.000Z".CopyTo(text);
        Digits(text[..4], moment.Year);
        Digits(text[5..7], moment.Month);
        Digits(text[8..10], moment.Day);
        Digits(text[11..13], moment.Hour);
        Digits(text[14..16], moment.Minute);
        Digits(text[17..19], moment.Second);
        Digits(text[20..23], moment.Millisecond);
    });

    private static void Digits(Span<char> place, int value)
    {
        for (var i = place.Length - 1; i >= 0; i--)
        {
            place[i] = (char)('0' + (value % 10));
            value /= 10;
        }
    }

    /// <summary>Time order.</summary>
    public int CompareTo(LedgerTime other) => UnixMs.CompareTo(other.UnixMs);

    /// <summary>Earlier.</summary>
    public static bool operator <(LedgerTime left, LedgerTime right) => left.UnixMs < right.UnixMs;

    /// <summary>Later.</summary>
    public static bool operator >(LedgerTime left, LedgerTime right) => left.UnixMs > right.UnixMs;

    /// <summary>Not later.</summary>
    public static bool operator <=(LedgerTime left, LedgerTime right) => left.UnixMs <= right.UnixMs;

    /// <summary>Not earlier.</summary>
    public static bool operator >=(LedgerTime left, LedgerTime right) => left.UnixMs >= right.UnixMs;
}
