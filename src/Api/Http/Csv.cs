using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EventLedger.Api.Http;

/// <summary>Comma-separated values; the first row names the columns. Source: RFC 4180.</summary>
public static class Csv
{
    /// <summary>Media type.</summary>
    public const string MediaType = "text/csv";

    /// <summary>Media type with the encoding of a whole file.</summary>
    public const string FileType = $"{MediaType}; charset=utf-8";

    /// <summary>Whether the caller asked for it.</summary>
    public static bool IsWanted(HttpRequest request) => request.Headers.Accept.ToString().Contains(MediaType, StringComparison.OrdinalIgnoreCase);

    /// <summary>Appends one row.</summary>
    public static void Row(StringBuilder text, IEnumerable<string> cells) => text.AppendJoin(',', cells.Select(Cell)).Append("\r\n");

    /// <summary>One row.</summary>
    public static string Row(IEnumerable<string> cells)
    {
        var text = new StringBuilder();
        Row(text, cells);
        return text.ToString();
    }

    /// <summary>A JSON value as a cell: a string without its quotes, nothing for null.</summary>
    public static string Text(JsonNode? value) => value switch
    {
        null => "",
        JsonValue v when v.GetValueKind() == JsonValueKind.String => v.GetValue<string>(),
        _ => value.ToJsonString(),
    };

    /// <summary>A finished file.</summary>
    internal static IResult File(HttpContext http, string text, string name) => Reply.File(http, Encoding.UTF8.GetBytes(text), FileType, $"{name}.csv");

    /// <summary>A list of objects as a file: one row an object, one column a member that any of them has.</summary>
    internal static IResult File(HttpContext http, IEnumerable<JsonObject> objects, string name)
    {
        List<JsonObject> rows = [.. objects];
        List<string> columns = [.. rows.SelectMany(r => r.Select(m => m.Key)).Distinct()];
        var text = new StringBuilder();
        Row(text, columns);
        foreach (var row in rows)
        {
            Row(text, columns.Select(c => Text(row[c])));
        }
        return File(http, text.ToString(), name);
    }

    private static string Cell(string text) => text.AsSpan().IndexOfAny("\",\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
