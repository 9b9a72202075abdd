using System.Text;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;

namespace EventLedger.Api.Provisioning.Queries;

/// <summary>What a data user asks for: records of one or several formats whose fields meet conditions, and of one format perhaps those that belong to them.</summary>
/// <param name="From">1 to 8 selections; more than one are put into one list.</param>
/// <param name="Join">Records of another format with equal fields; only with one selection.</param>
/// <param name="Fields">The fields to answer with; empty for all public ones.</param>
/// <param name="Purpose">What the answer is for; needed when a field is not public.</param>
/// <param name="Limit">1 to 1000 rows a page.</param>
/// <param name="After">Where the page before ended; null for the first.</param>
/// <param name="AsOf">Height of the block to speak as of; null for the newest.</param>
/// <param name="IsNewestOnly">Of each record only its newest version as of that block, not those that it took the place of.</param>
/// <param name="IsCounted">Whether the answer says how many rows there are in all: of a wide question that takes longer than its page.</param>
/// <param name="Order">What the rows go by; null for their place in the log. Only with one selection and without a join.</param>
/// <remarks>Source: ITU-T Y.4561 (08/2020) 7.2.2, 8.3.</remarks>
public sealed record RecordQuery(IReadOnlyList<Selection> From, Join? Join, IReadOnlyList<string> Fields, string? Purpose, int Limit, Cursor? After, long? AsOf, bool IsNewestOnly, bool IsCounted = true, Order? Order = null)
{
    /// <summary>Most rows of one page.</summary>
    public const int LimitMax = 1000;

    /// <summary>Most selections of one query.</summary>
    public const int SelectionsMax = 8;
}

/// <summary>What rows go by.</summary>
/// <param name="Field">A field that has an index; records without it come last, by their place. Null for the place in the log.</param>
/// <param name="IsDescending">Whether the greatest comes first.</param>
public sealed record Order(string? Field, bool IsDescending);

/// <summary>Records of one format.</summary>
/// <param name="Format">Format id.</param>
/// <param name="Iss">Only those of one source; null for all.</param>
/// <param name="Where">Conditions that all must hold; at most 16.</param>
/// <param name="Names">The word of the answer for a field, where it is another: this is how two formats become one list.</param>
public sealed record Selection(string Format, string? Iss, IReadOnlyList<Condition> Where, IReadOnlyDictionary<string, string> Names);

/// <summary>One condition on a field.</summary>
/// <param name="Field">A public field.</param>
/// <param name="Op">One of <see cref="Condition.Ops"/>.</param>
/// <param name="Values">Texts, numbers or truth values; one, or with <c>in</c> at most 100.</param>
public sealed record Condition(string Field, string Op, IReadOnlyList<JsonValue> Values)
{
    /// <summary>Equal, not equal, less, at most, greater, at least, begins with, one of.</summary>
    public static IReadOnlyList<string> Ops { get; } = ["eq", "ne", "lt", "le", "gt", "ge", "prefix", "in"];
}

/// <summary>The records that belong to those selected.</summary>
/// <param name="With">Which.</param>
/// <param name="On">Pairs of fields that must be equal: of the selected record, of the other; 1 to 4.</param>
public sealed record Join(Selection With, IReadOnlyList<(string Left, string Right)> On);

/// <summary>Where a page ended: all pages of one question speak as of one block.</summary>
/// <param name="Height">That block.</param>
/// <param name="Seq">Id of the last record.</param>
/// <param name="Joined">Id of the record that belongs to it; 0 without a join.</param>
/// <param name="Value">Its value of the field that the rows go by, as JSON; null where they go by the log.</param>
public sealed record Cursor(long Height, long Seq, long Joined, string? Value = null)
{
    /// <summary>The value of a record without the field.</summary>
    public const string Without = "null";

    /// <summary>As it is handed out.</summary>
    public override string ToString() =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Height}-{Seq}-{Joined}{(Value is null ? "" : ".")}{(Value is null ? "" : B64.Encode(Encoding.UTF8.GetBytes(Value)))}");

    /// <summary>Reads what was handed out; null for anything else.</summary>
    public static Cursor? Parse(string text)
    {
        var (place, dot, value) = text.IndexOf('.', StringComparison.Ordinal) is >= 0 and var at ? (text[..at], true, text[(at + 1)..]) : (text, false, "");
        string? json = null;
        if (dot && ((json = B64.TryDecode(value, out var bytes) ? Encoding.UTF8.GetString(bytes) : null) is null || !IsScalar(json)))
        {
            return null;
        }
        return place.Split('-') is [var height, var seq, var joined] && long.TryParse(height, out var h) && long.TryParse(seq, out var s) && long.TryParse(joined, out var j)
            && h >= 0 && s >= 0 && j >= 0
            ? new(h, s, j, json)
            : null;
    }

    private static bool IsScalar(string json)
    {
        try
        {
            return json == Without || JsonNode.Parse(json) is JsonValue;
        }
        catch (System.Text.Json.JsonException)
        {
            // Not one of ours.
            return false;
        }
    }
}
