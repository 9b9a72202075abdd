using System.Text.Json.Nodes;
using EventLedger.Api.Http;
using EventLedger.Api.Provisioning.Queries;

namespace EventLedger.Api.Provisioning.Http;

/// <summary><c>/u2s/v1/query</c>: records by the values of their fields, as a page or, by <c>Accept</c>, as a file with all rows.</summary>
internal static class QueryEndpoints
{
    private const int BodyBytesMax = 64 << 10;

    public static void Map(IEndpointRouteBuilder u2s)
    {
        u2s.MapPost("/query", Post).WithName("QueryRecords").WithSummary("Records by conditions on their fields; Accept: text/csv or application/x-ndjson gives all rows as a file")
            .Accepts<JsonObject>("application/json").Answers().DisableAntiforgery();
        u2s.MapGet("/query", Get).WithName("QueryRecordsByAddress").WithSummary("The same as an address: format, where=field,op,value (repeated), fields, limit, after, asOf, versions, total, order").Answers();
    }

    private static RouteHandlerBuilder Answers(this RouteHandlerBuilder route) => route.Produces<QueryPage>(200, "application/json", Csv.MediaType, ExportWriter.Lines)
        .ProducesProblem(400).ProducesProblem(404);

    private static async Task<IResult> Post(HttpContext http, QueryAnswers answers, CancellationToken cancellation)
    {
        if (await JsonBody.Read(http, BodyBytesMax, cancellation) is not { } body)
        {
            return Malformed("The body is a JSON object {\"from\": {\"format\": …, \"where\": […]}, …}.");
        }
        return await Answer(http, answers, body, null, cancellation);
    }

    private static async Task<IResult> Get(HttpContext http, QueryAnswers answers, CancellationToken cancellation)
    {
        var typeOf = await answers.Types(http.Request.Query["format"].ToString(), cancellation);
        return await Answer(http, answers, QueryReader.FromAddress(http.Request.Query, typeOf), $"{http.Request.Path}{http.Request.QueryString}", cancellation);
    }

    internal static async Task<IResult> Answer(HttpContext http, QueryAnswers answers, JsonObject body, string? address, CancellationToken cancellation)
    {
        if (!QueryReader.TryRead(body, out var query, out var problem))
        {
            return Malformed(problem);
        }
        return Csv.IsWanted(http.Request) ? await Export(http, answers, query, Csv.MediaType, cancellation)
            : http.Request.Headers.Accept.ToString().Contains(ExportWriter.Lines, StringComparison.Ordinal) ? await Export(http, answers, query, ExportWriter.Lines, cancellation)
            : Reply.Json(http, await answers.Page(query, address, cancellation));
    }

    private static async Task<IResult> Export(HttpContext http, QueryAnswers answers, RecordQuery query, string mediaType, CancellationToken cancellation)
    {
        var ready = await answers.Prepare(query with { After = null }, cancellation);
        if (ready.Value is not { } asked)
        {
            return Reply.Problem(ready.Problem!);
        }
        http.Response.Headers["Ledger-As-Of"] = asked.AsOf.Height.ToString(System.Globalization.CultureInfo.InvariantCulture);
        await ExportWriter.Write(http, mediaType, $"{query.From[0].Format}.{(mediaType == Csv.MediaType ? "csv" : "ndjson")}", await answers.Columns(query, cancellation),
            answers.All(asked, cancellation), cancellation);
        return TypedResults.Empty;
    }

    private static IResult Malformed(string problem) => Problems.From("query-malformed", problem);
}
