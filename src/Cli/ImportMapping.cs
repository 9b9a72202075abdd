using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EventLedger.Cli;

/// <summary>How rows of a table become records: one row may give several, and several rows one.</summary>
/// <param name="Records">The kinds of records.</param>
/// <param name="Sheet">Name of the sheet of an Excel file; null for the first.</param>
internal sealed record ImportMapping(IReadOnlyList<ImportRecord> Records, string? Sheet = null)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow };

    public static ImportMapping Read(string path) => JsonSerializer.Deserialize<ImportMapping>(File.ReadAllText(path), Options) is { Records.Count: > 0 } mapping
        ? mapping
        : throw new InvalidDataException($"{path} names no records.");
}

/// <summary>One kind of record in a table.</summary>
/// <param name="Format">File with the format's definition, beside the mapping.</param>
/// <param name="Fields">Field of the record → where its value stands.</param>
/// <param name="Where">Which rows; null for all.</param>
/// <param name="Once">One record for each distinct value of these columns; null for one a row.</param>
/// <param name="Expires">Where the expiry stands.</param>
/// <param name="Status">Which values of a column suspend or revoke the record.</param>
internal sealed record ImportRecord(string Format, IReadOnlyDictionary<string, ImportValue> Fields, ImportFilter? Where = null, IReadOnlyList<string>? Once = null,
    ImportValue? Expires = null, ImportStatus? Status = null);

/// <summary>Rows whose column holds, or does not hold, one of these values.</summary>
internal sealed record ImportFilter(string Column, IReadOnlyList<string>? In = null, IReadOnlyList<string>? NotIn = null)
{
    public bool Takes(Func<string, string> cell) => (In?.Contains(cell(Column)) ?? true) && !(NotIn?.Contains(cell(Column)) ?? false);
}

/// <summary>A column's values that mean a status.</summary>
internal sealed record ImportStatus(string Column, IReadOnlyDictionary<string, string> Values, string? Reason = null);

/// <summary>Where a value stands and how it is written there: in a column, or it is the row's number, or the same text everywhere.</summary>
/// <param name="Column">Name of the column.</param>
/// <param name="Date">Date pattern as in .NET, such as <c>MM/dd/yyyy hh:mm:ss tt</c>; null for text. Cells of Excel that are dates read yyyy-MM-dd.</param>
/// <param name="Row">Whether the value is the row's number after the header, from 1.</param>
/// <param name="Text">The same text for every row.</param>
/// <param name="Raw">Whether the text is taken as it is, blanks at its ends too.</param>
/// <param name="Time">Whether a date is written as a time of the ledger, at midnight UTC.</param>
internal sealed record ImportValue(string? Column = null, string? Date = null, bool Row = false, string? Text = null, bool Raw = false, bool Time = false)
{
    /// <summary>The value; null for an empty cell. A date is written as yyyy-MM-dd, the row's number as a number.</summary>
    public JsonNode? Of(ImportRow row)
    {
        if (Row || Text is not null)
        {
            return Row ? JsonValue.Create(row.Number) : JsonValue.Create(Text);
        }
        var cell = row.Cell(Name);
        var raw = cell.Trim();
        return raw.Length == 0 ? null
            : Date is not null ? JsonValue.Create(Day(raw).ToString(Time ? "yyyy-MM-dd'T00:00:00.000Z'" : "yyyy-MM-dd", CultureInfo.InvariantCulture))
            : JsonValue.Create(Raw ? cell : raw);
    }

    /// <summary>The value as seconds since 1970, UTC; null for an empty cell.</summary>
    public long? Seconds(ImportRow row) =>
        row.Cell(Name).Trim() is { Length: > 0 } raw ? new DateTimeOffset(Day(raw).ToDateTime(default), TimeSpan.Zero).ToUnixTimeSeconds() : null;

    private string Name => Column ?? throw new InvalidDataException("A value of the mapping needs \"column\", \"row\" or \"text\".");

    private DateOnly Day(string raw) => DateOnly.TryParseExact(raw, Date ?? "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
        ? day
        : throw new InvalidDataException($"Column {Column}: '{raw}' is not a date written like {Date}.");
}
