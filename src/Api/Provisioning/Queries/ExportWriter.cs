using System.Globalization;
using System.Text;
using System.Text.Json;
using EventLedger.Api.Http;

namespace EventLedger.Api.Provisioning.Queries;

/// <summary>Writes all rows of an answer as a file while they are read: CSV by RFC 4180, or one JSON object a line.</summary>
internal static class ExportWriter
{
    /// <summary>Media type of lines of JSON.</summary>
    public const string Lines = "application/x-ndjson";

    private const int FlushBytes = 64 << 10;

    /// <summary>Writes to the response; a reader who goes away ends the reading.</summary>
    public static async Task Write(HttpContext http, string mediaType, string name, IReadOnlyList<string> columns, IAsyncEnumerable<QueryItem> items, CancellationToken cancellation)
    {
        http.Response.ContentType = mediaType == Csv.MediaType ? Csv.FileType : mediaType;
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}\"";
        var buffer = new StringBuilder();
        var isCsv = mediaType == Csv.MediaType;
        if (isCsv)
        {
            Csv.Row(buffer, ["id", "format", "version", "iss", "time", .. columns]);
        }
        await foreach (var item in items.WithCancellation(cancellation))
        {
            if (isCsv)
            {
                Csv.Row(buffer, [.. Head(item), .. columns.Select(c => Csv.Text(item.Fields[c] ?? item.Joined?.Fields[c]))]);
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
}
