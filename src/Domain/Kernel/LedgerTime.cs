namespace EventLedger.Domain.Kernel;

/// <summary>A moment in UTC with exactly millisecond precision, as every format of the ledger writes it.</summary>
/// <param name="UnixMs">Milliseconds since 1970-01-01T00:00:00Z; 0 to 253402300799999 (end of year 9999).</param>
public readonly record struct LedgerTime(long UnixMs) : IComparable<LedgerTime>
{
    private const string Form = "0000-00-00T00:00:00.000Z";

    /// <summary>Cuts a moment down to its millisecond.</summary>
    public static LedgerTime From(DateTimeOffset moment) => new(moment.ToUnixTimeMilliseconds());

    /// <summary>Reads <c>2026-01-01T00:00:00.000Z</c> and no other form: what is read is what <see cref="ToString"/> writes.</summary>
    public static bool TryParse(string? text, out LedgerTime time)
    {
        time = default;
        if (text?.Length != Form.Length)
        {
            return false;
        }
        for (var i = 0; i < Form.Length; i++)
        {
            if (Form[i] == '0' ? !char.IsAsciiDigit(text[i]) : text[i] != Form[i])
            {
                return false;
            }
        }
        var (year, month, day) = (Number(text.AsSpan(0, 4)), Number(text.AsSpan(5, 2)), Number(text.AsSpan(8, 2)));
        var (hour, minute, second) = (Number(text.AsSpan(11, 2)), Number(text.AsSpan(14, 2)), Number(text.AsSpan(17, 2)));
        if (year < 1970 || month is < 1 or > 12 || day < 1 || day > DaysOf(month, year) || hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }
        time = From(new(year, month, day, hour, minute, second, Number(text.AsSpan(20, 3)), TimeSpan.Zero));
        return true;
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
        Form.CopyTo(text);
        Digits(text[..4], moment.Year);
        Digits(text[5..7], moment.Month);
        Digits(text[8..10], moment.Day);
        Digits(text[11..13], moment.Hour);
        Digits(text[14..16], moment.Minute);
        Digits(text[17..19], moment.Second);
        Digits(text[20..23], moment.Millisecond);
    });

    private static int DaysOf(int month, int year) => month switch
    {
        2 => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };

    private static int Number(ReadOnlySpan<char> digits)
    {
        var number = 0;
        foreach (var digit in digits)
        {
            number = (10 * number) + digit - '0';
        }
        return number;
    }

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
