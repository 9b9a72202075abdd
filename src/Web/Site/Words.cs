using System.Globalization;
using System.Text.Json;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Web.Site;

/// <summary>Values in the words of people, in the reader's language.</summary>
public static class Words
{
    private static readonly Tongue T = new();
    private static readonly CultureInfo British = CultureInfo.GetCultureInfo("en-GB"), Spanish = CultureInfo.GetCultureInfo("es-ES");

    /// <summary>How the reader writes numbers and dates.</summary>
    public static CultureInfo Culture => IsSpanish ? Spanish : British;

    /// <summary>Language of what the ledger itself says in English, such as why a proof does not hold; null where the reader has the page in English.</summary>
    public static string? Foreign => Tongue.Lang == "en" ? null : "en";

    private static bool IsSpanish => Tongue.Lang == "es";

    /// <summary>22 November 2026, 15:30:07 UTC</summary>
    public static string Moment(LedgerTime time) => time.Moment.ToString($"{DayPattern}, HH:mm:ss 'UTC'", Culture);

    /// <summary>22 November 2026</summary>
    public static string Day(LedgerTime time) => time.Moment.ToString(DayPattern, Culture);

    /// <summary>A whole number: 1,204.</summary>
    public static string Number(long n) => n.ToString("N0", Culture);

    /// <summary>A number with its noun; the caller has the words for none, for one and, with <c>{0}</c>, for many.</summary>
    public static string Count(long n, string none, string one, string many) => n switch
    {
        0 => none,
        1 => one,
        _ => string.Format(Culture, many, Number(n)),
    };

    /// <summary>A field's value: dates as people write them, lists with commas.</summary>
    public static string Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String when DateOnly.TryParseExact(value.GetString(), "yyyy-MM-dd", out var day) => day.ToString(DayPattern, Culture),
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => T["Yes"],
        JsonValueKind.False => T["No"],
        JsonValueKind.Null => T["None"],
        JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(Value)),
        _ => value.GetRawText(),
    };

    /// <summary>The address that a value is, where it leads to another site; null for everything else.</summary>
    public static Uri? Link(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && value.GetString() is { } text && !text.Any(char.IsWhiteSpace)
            && Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is ("http" or "https")
            ? uri
            : null;

    /// <summary>A status as the headline of a licence.</summary>
    public static string Headline(string status) => status switch
    {
        RecordStatus.Valid => T["This licence is valid"],
        RecordStatus.Suspended => T["This licence is suspended"],
        RecordStatus.Revoked => T["This licence was revoked"],
        RecordStatus.Expired => T["This licence has expired"],
        _ => T["A newer licence has taken this one’s place"],
    };

    /// <summary>A status in one word.</summary>
    public static string Status(string status) => status switch
    {
        RecordStatus.Valid => T["valid"],
        RecordStatus.Suspended => T["suspended"],
        RecordStatus.Revoked => T["revoked"],
        RecordStatus.Expired => T["expired"],
        RecordStatus.Superseded => T["superseded"],
        _ => status,
    };

    /// <summary>One step of a record's life.</summary>
    public static string Step(string what) => what switch
    {
        "submitted" => T["Entered by the issuer"],
        "corrected" => T["Corrected by the issuer, by two people"],
        RecordStatus.Suspended => T["Suspended by the issuer"],
        RecordStatus.Revoked => T["Revoked by the issuer"],
        RecordStatus.Valid => T["Made valid again by the issuer"],
        _ => what,
    };

    /// <summary>A verdict as a headline.</summary>
    public static string Headline(Verdict verdict) => (verdict.Judgement, verdict.Code) switch
    {
        (Judgement.Authentic, VerdictCode.Ok) => T["Authentic"],
        (Judgement.Authentic, var status) => T["Authentic, but {0}", Status(status)],
        (Judgement.NotAuthentic, _) => T["Not authentic"],
        _ => T["Cannot tell"],
    };

    /// <summary>Look of a status: <c>good</c>, <c>bad</c> or, while there is none, <c>wait</c>.</summary>
    public static string Mark(string? status) => status switch
    {
        null => "wait",
        RecordStatus.Valid => "good",
        _ => "bad",
    };

    private static string DayPattern => IsSpanish ? "d 'de' MMMM 'de' yyyy" : "d MMMM yyyy";
}
