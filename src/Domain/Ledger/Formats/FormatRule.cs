using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace EventLedger.Domain.Ledger.Formats;

/// <summary>Keyword <c>format</c> where it is asserted: a few formats with one plain meaning. Source: JSON Schema Validation 2020-12, 7.3.</summary>
internal sealed class FormatRule
{
    private const int LengthMax = 2_000;
    private const RegexOptions Linear = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    // Seconds end at 59: a leap second has no one place in a time line that other systems share.
    private static readonly Regex Moment =
        new(@"\A[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt](?:[01][0-9]|2[0-3])(?::[0-5][0-9]){2}(?:\.[0-9]+)?(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])\z", Linear);

    private static readonly Regex Email =
        new(@"\A[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\z", Linear);

    private static readonly Regex Address =
        new(@"\A[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+\z", Linear);

    private static readonly Regex Uuid = new(@"\A[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\z", Linear);

    private delegate bool Test(ReadOnlySpan<char> text);

    private readonly Test test;
    private readonly string wanted;

    private FormatRule(Test test, string wanted) => (this.test, this.wanted) = (test, wanted);

    /// <summary>The names it knows, for people.</summary>
    public const string Known = "date, date-time, email, uri, uuid";

    /// <summary>Null for a name it does not know.</summary>
    public static FormatRule? Find(string name) => name switch
    {
        "date" => new(IsDate, "a date such as 2026-01-31"),
        "date-time" => new(t => Moment.IsMatch(t) && IsDate(t[..10]), "a date and time with offset such as 2026-01-31T08:00:00Z"),
        "email" => new(t => Email.IsMatch(t), "an e-mail address"),
        "uri" => new(t => Address.IsMatch(t), "an absolute URI such as https://example.com/a"),
        "uuid" => new(t => Uuid.IsMatch(t), "a UUID such as 0f8fad5b-d9cb-469f-a165-70867728950e"),
        _ => null,
    };

    public bool Evaluate(JsonElement value, ref Evaluation e)
    {
        var raw = JsonMarshal.GetRawUtf8Value(value)[1..^1];
        var plain = raw.Contains((byte)'\\') ? Encoding.UTF8.GetBytes(value.GetString()!) : raw;
        Span<char> text = stackalloc char[LengthMax];
        return (plain.Length <= LengthMax && test(text[..Encoding.UTF8.GetChars(plain, text)])) || e.Fail("format", "Must be {0}.", wanted);
    }

    private static bool IsDate(ReadOnlySpan<char> text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
}
