using System.Text.Json;
using EventLedger.Api.Http;
using Microsoft.AspNetCore.Components.Authorization;

namespace EventLedger.Web.Staff.Watch;

/// <summary>A whole list of the API as a table: every page, one after the other, so that nothing is capped and nothing piles up.</summary>
public static class ListExport
{
    private const int ColumnsMax = 40;

    /// <summary><c>/staff/export?path=/v2m/v1/findings&amp;columns=id,kind,closed.outcome&amp;name=findings.csv</c></summary>
    public static async Task Write(string path, string columns, string? name, HttpContext http, StaffLedger ledger, AuthenticationStateProvider who, CancellationToken cancellation)
    {
        // Pages are told by the framework who looks at them; a file is told here.
        ((IHostEnvironmentAuthenticationStateProvider)who).SetAuthenticationState(Task.FromResult(new AuthenticationState(http.User)));
        string[] names = columns.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var page = names.Length is > 0 and <= ColumnsMax && path.StartsWith("/v2m/v1/", StringComparison.Ordinal) ? await ledger.Get(path, cancellation) : null;
        if (page?.IsGood != true)
        {
            await Problems.From(page?.Problem?.Code ?? "not-found", page?.Problem?.Detail ?? "Lists of the supervisors' reference point are exported, with up to 40 columns.").ExecuteAsync(http);
            return;
        }
        http.Response.ContentType = Csv.FileType;
        http.Response.Headers.ContentDisposition = new System.Net.Mime.ContentDisposition { FileName = Path.GetFileName(name ?? "list.csv") }.ToString();
        await http.Response.WriteAsync(Csv.Row(names), cancellation);
        while (page.IsGood)
        {
            foreach (var item in page.Value.Items("items"))
            {
                await http.Response.WriteAsync(Csv.Row(names.Select(n => Cell(item, n))), cancellation);
            }
            if (page.Value.Text("next") is not { } next)
            {
                return;
            }
            page = await ledger.Get(next, cancellation);
        }
        // The head has gone out already: a cut connection is the only way left to say that rows are missing.
        http.Abort();
    }

    private static string Cell(JsonElement item, string name)
    {
        var parts = name.Split('.');
        return parts[..^1].Aggregate(item, (json, part) => json.At(part)).Text(parts[^1]) ?? "";
    }
}
