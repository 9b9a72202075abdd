using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Ledger;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EventLedger.Web.Staff.Registrar;

/// <summary>What the page for many renewals asks while it works: a spreadsheet's rows, drafts of some, and handing in some that were signed.</summary>
public static class BatchEndpoints
{
    /// <summary>Most rows in one question: short enough that a cancelled batch stops within a second or two.</summary>
    private const int RowsAtOnceMax = 50;

    private const string OneKeyAlone = "A key that was made by this browser counts only beside another person's. Sign with a passkey or a key file, or renew it by itself.";

    /// <summary>Maps them.</summary>
    public static void Map(RouteGroupBuilder staff)
    {
        var batch = staff.MapGroup("/desk/batch").RequireAuthorization(p => p.RequireRole(Role.Registrar));
        batch.MapPost("/table", Table);
        batch.MapPost("/drafts", Drafts);
        batch.MapPost("/records", Records);
    }

    private static IResult Table(IFormFile? file)
    {
        if (file is null || file.Length is 0 or > SheetReader.SizeBytesMax)
        {
            return Problem($"Choose a file of at most {SheetReader.SizeBytesMax >> 20} MB.");
        }
        using var stream = file.OpenReadStream();
        var (sheet, problem) = SheetReader.Read(stream, file.FileName);
        return sheet is null ? Problem(problem!) : TypedResults.Json(new { columns = sheet.Columns, rows = sheet.Rows });
    }

    private static async Task<IResult> Drafts(HttpContext http, DeskLedger desk, Site.Tongue words, AuthenticationStateProvider who, IAntiforgery forgery)
    {
        if (await Body(http, who, forgery) is not { } body || body.Text("iss") is not { } iss || await desk.Format(body.Text("vct")) is not { } format)
        {
            return Problem("The question is {iss, vct, columns[], rows[][]}.");
        }
        var work = new BatchDesk(desk, format, body.Text("vct")!, iss, words);
        var fields = body.Items("columns").Select(c => work.FieldOf(c.GetString() ?? "")?.Name).ToList();
        if (!fields.Contains(format.Shape.Key[0]))
        {
            return Problem(words["No column is called \"{0}\" ({1}): the first line must name it.", format.Shape.Label(format.Shape.Key[0]), format.Shape.Key[0]]);
        }
        var answers = new JsonArray();
        foreach (var row in body.Items("rows").Take(RowsAtOnceMax))
        {
            var cells = row.EnumerateArray().Select(c => c.GetString() ?? "").Zip(fields).Where(c => c.Second is not null).GroupBy(c => c.Second!).ToDictionary(g => g.Key, g => g.First().First);
            answers.Add((JsonNode)await work.Row(cells));
        }
        return TypedResults.Json(new JsonObject { ["unknown"] = new JsonArray([.. body.Items("columns").Where((_, i) => fields[i] is null).Select(c => JsonValue.Create(c.GetString()))]), ["rows"] = answers });
    }

    private static async Task<IResult> Records(HttpContext http, DeskLedger desk, Site.Tongue words, AuthenticationStateProvider who, IAntiforgery forgery)
    {
        if (await Body(http, who, forgery) is not { } body)
        {
            return Problem("The question is {records[]}.");
        }
        var answers = new JsonArray();
        foreach (var record in body.Items("records").Take(RowsAtOnceMax))
        {
            var (reply, seq) = await desk.Submit((JsonObject)JsonNode.Parse(record.GetRawText())!, waitSeconds: 0);
            answers.Add((JsonNode)(reply.IsGood ? new JsonObject { ["seq"] = seq } : new JsonObject { ["code"] = reply.Problem!.Code, ["detail"] = reply.Problem.Code == "second-registrar-missing" ? words[OneKeyAlone] : reply.Problem.Detail }));
        }
        return TypedResults.Json(new JsonObject { ["rows"] = answers });
    }

    // The page's own token is in a header: another site's script can neither read nor send it.
    private static async Task<JsonElement?> Body(HttpContext http, AuthenticationStateProvider who, IAntiforgery forgery)
    {
        ((IHostEnvironmentAuthenticationStateProvider)who).SetAuthenticationState(Task.FromResult(new AuthenticationState(http.User)));
        if (!await forgery.IsRequestValidAsync(http))
        {
            return null;
        }
        try
        {
            var body = await JsonSerializer.DeserializeAsync<JsonElement>(http.Request.Body, cancellationToken: http.RequestAborted);
            return body.ValueKind == JsonValueKind.Object ? body : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonHttpResult<JsonObject> Problem(string detail) => TypedResults.Json(new JsonObject { ["detail"] = detail }, statusCode: StatusCodes.Status400BadRequest);
}
