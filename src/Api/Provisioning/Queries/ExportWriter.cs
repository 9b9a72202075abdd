using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Http;

namespace EventLedger.Api.Provisioning.Queries;

/// <summary>Writes all rows of an answer as a file while they are read: CSV by RFC 4180, or one JSON object a line.</summary>
internal static class ExportWriter
{
    /// <summary>Media type of comma-separated values.</summary>
    public const string Csv = "text/csv";

    /// <summary>Media type of lines of JSON.</summary>
    public const string Lines = "application/x-ndjson";

    private const int FlushBytes = 64 << 10;

    /// <summary>Writes to the response; a reader who goes away ends the reading.</summary>
    public static async Task Write(HttpContext http, string mediaType, string name, IReadOnlyList<string> columns, IAsyncEnumerable<QueryItem> items, CancellationToken cancellation)
    {
        http.Response.ContentType = mediaType == Csv ? $"{Csv}; charset=utf-8" : mediaType;
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}\"";
        var buffer = new StringBuilder();
        var isCsv = mediaType == Csv;
        if (isCsv)
        {
            Row(buffer, ["id", "format", "version", "iss", "time", .. columns]);
        }
        await foreach (var item in items.WithCancellation(cancellation))
        {
            if (isCsv)
            {
                Row(buffer, [.. Head(item), .. columns.Select(c => Text(item.Fields[c] ?? item.Joined?.Fields[c]))]);
            }
            else
            {
                buffer.Append(JsonSerializer.Serialize(item, Reply.Options)).Append('\n');
            }
            if (buffer.Length > FlushBytes)
            {
                await http.Response.WriteAsync(buffer.ToString(), cancellation);
                buffer.Clear();
            }
        }
        await http.Response.WriteAsync(buffer.ToString(), cancellation);
    }

    private static IEnumerable<string> Head(QueryItem item) => [item.Id.ToString(CultureInfo.InvariantCulture), item.Format.Id,
        item.Format.Version.ToString(CultureInfo.InvariantCulture), item.Issuer.Iss, item.Time.ToString()];

    private static string Text(JsonNode? value) => value switch
    {
        null => "",
        JsonValue v when v.GetValueKind() == JsonValueKind.String => v.GetValue<string>(),
        _ => value.ToJsonString(),
    };

    internal static void Row(StringBuilder text, IEnumerable<string> cells) => text.AppendJoin(',', cells.Select(Cell)).Append("\r\n");

    private static string Cell(string text) => text.AsSpan().IndexOfAny("\",\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
