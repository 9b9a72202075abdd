using System.Text;
using System.Text.Json.Nodes;
using EventLedger.Api.Provisioning.Answers;
using EventLedger.Api.Provisioning.Queries;

namespace EventLedger.Api.Provisioning.Http;

/// <summary><c>/u2s/v1/records/{id}/prov</c> and <c>/path</c>: where a record comes from, and whether it came through unchanged.</summary>
internal static class TraceEndpoints
{
    public static void Map(IEndpointRouteBuilder u2s)
    {
        u2s.MapGet("/records/{id:long}/prov", Prov).WithName("GetRecordProvenance").WithSummary("Where the record comes from as W3C PROV-JSON; Accept: text/csv gives the steps as a table")
            .Produces<JsonObject>(200, ProvAnswers.MediaType, ExportWriter.Csv).ProducesProblem(404);
        u2s.MapGet("/records/{id:long}/path", Path).WithName("GetRecordPath").WithSummary("Hop by hop from the source to this answer, each checked anew")
            .Produces<PathView>().ProducesProblem(404);
    }

    private static async Task<IResult> Prov(HttpContext http, ProvAnswers answers, long id, CancellationToken cancellation)
    {
        if (!http.Request.Headers.Accept.ToString().Contains(ExportWriter.Csv, StringComparison.Ordinal))
        {
            return Reply.Json(http, await answers.Graph(id, cancellation));
        }
        var csv = await answers.Csv(id, cancellation);
        return csv.Value is { } text ? Reply.File(http, Encoding.UTF8.GetBytes(text), $"{ExportWriter.Csv}; charset=utf-8", $"record-{id}.lineage.csv") : Reply.Problem(csv.Problem!);
    }

    private static async Task<IResult> Path(HttpContext http, PathAnswers answers, long id, CancellationToken cancellation) => Reply.Json(http, await answers.Path(id, cancellation));
}
