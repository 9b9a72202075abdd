using System.Globalization;
using System.Text.Json;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Web.Site;

/// <summary>Values in the words of people.</summary>
public static class Words
{
    private static readonly CultureInfo English = CultureInfo.GetCultureInfo("en-GB");

    /// <summary>22 November 2026, 15:30:07 UTC</summary>
    public static string Moment(LedgerTime time) => time.Moment.ToString("d MMMM yyyy, HH:mm:ss 'UTC'", English);

    /// <summary>22 November 2026</summary>
    public static string Day(LedgerTime time) => time.Moment.ToString("d MMMM yyyy", English);

    /// <summary>1,204 records; 1 record; no records.</summary>
    public static string Count(long n, string one, string many) => n switch
    {
        0 => $"no {many}",
        1 => $"1 {one}",
        _ => $"{n.ToString("N0", English)} {many}",
    };

    /// <summary>A field's value: dates as people write them, lists with commas.</summary>
    public static string Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String when DateOnly.TryParseExact(value.GetString(), "yyyy-MM-dd", out var day) => day.ToString("d MMMM yyyy", English),
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => "Yes",
        JsonValueKind.False => "No",
        JsonValueKind.Null => "None",
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
        RecordStatus.Valid => "This licence is valid",
        RecordStatus.Suspended => "This licence is suspended",
        RecordStatus.Revoked => "This licence was revoked",
        RecordStatus.Expired => "This licence has expired",
        _ => "A newer licence has taken this one's place",
    };

    /// <summary>One step of a record's life.</summary>
    public static string Step(string what) => what switch
    {
        "submitted" => "Entered by the issuer",
        RecordStatus.Suspended => "Suspended by the issuer",
        RecordStatus.Revoked => "Revoked by the issuer",
        RecordStatus.Valid => "Made valid again by the issuer",
        _ => what,
    };

    /// <summary>A verdict as a headline.</summary>
    public static string Headline(Verdict verdict) => (verdict.Judgement, verdict.Code) switch
    {
        (Judgement.Authentic, VerdictCode.Ok) => "Authentic",
        (Judgement.Authentic, var status) => $"Authentic, but {status}",
        (Judgement.NotAuthentic, _) => "Not authentic",
        _ => "Cannot tell",
    };
}
