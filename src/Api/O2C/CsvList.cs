using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Provisioning.Queries;

namespace EventLedger.Api.O2C;

/// <summary>A list as comma-separated values (RFC 4180): one row an object, one column a member that any of them has.</summary>
internal static class CsvList
{
    /// <summary>Whether the caller asked for it.</summary>
    public static bool IsWanted(HttpRequest request) => request.Headers.Accept.ToString().Contains(ExportWriter.Csv, StringComparison.OrdinalIgnoreCase);

    /// <summary>The file.</summary>
    public static IResult Of(string name, IEnumerable<JsonObject> objects)
    {
        List<JsonObject> rows = [.. objects];
        List<string> columns = [.. rows.SelectMany(r => r.Select(m => m.Key)).Distinct()];
        var text = new StringBuilder();
        ExportWriter.Row(text, columns);
        foreach (var row in rows)
        {
            ExportWriter.Row(text, columns.Select(c => Text(row[c])));
        }
        return TypedResults.File(Encoding.UTF8.GetBytes(text.ToString()), $"{ExportWriter.Csv}; charset=utf-8", $"{name}.csv");
    }

    private static string Text(JsonNode? value) => value switch
    {
        null => "",
        JsonValue v when v.GetValueKind() == JsonValueKind.String => v.GetValue<string>(),
        _ => value.ToJsonString(),
    };
}
