using System.Text.Json.Nodes;
using EventLedger.Api.Http;
using EventLedger.Api.Identity;
using EventLedger.Api.Provisioning.Answers;

namespace EventLedger.Api.Provisioning.Http;

/// <summary><c>/u2s/v1/records/{id}/prov</c> and <c>/path</c>: where a record comes from, and whether it came through unchanged.</summary>
internal static class TraceEndpoints
{
    private const int BodyBytesMax = 4096;

    public static void Map(IEndpointRouteBuilder u2s)
    {
        u2s.MapGet("/records/{id:long}/prov", Prov).WithName("GetRecordProvenance").WithSummary("Where the record comes from as W3C PROV-JSON; Accept: text/csv gives the steps as a table")
            .Produces<JsonObject>(200, ProvAnswers.MediaType, Csv.MediaType).ProducesProblem(404);
        u2s.MapGet("/records/{id:long}/path", Path).WithName("GetRecordPath").WithSummary("Hop by hop from the source to this answer, each checked anew")
            .Produces<PathView>().ProducesProblem(404);
        u2s.MapPost("/records/{id:long}/circulations", Note).Need(Policy.User, Scope.U2sQuery).WithName("NoteCirculation").WithSummary("Note that the record was reused, shared, circulated or exchanged")
            .Accepts<JsonObject>("application/json").Produces<CirculationView>(202).ProducesProblem(400).ProducesProblem(404).DisableAntiforgery();
        u2s.MapGet("/circulations", Circulations).WithName("ListCirculations").WithSummary("Where records went, by verb and record, with exact counts").Produces<CirculationPage>().ProducesProblem(400);
    }

    private static async Task<IResult> Prov(HttpContext http, ProvAnswers answers, long id, CancellationToken cancellation)
    {
        if (!Csv.IsWanted(http.Request))
        {
            return Reply.Json(http, await answers.Graph(id, cancellation));
        }
        var csv = await answers.ToCsv(id, cancellation);
        return csv.Value is { } text ? Csv.File(http, text, $"record-{id}.lineage") : Reply.Problem(csv.Problem!);
    }

    private static async Task<IResult> Path(HttpContext http, PathAnswers answers, long id, CancellationToken cancellation) => Reply.Json(http, await answers.Path(id, cancellation));

    private static async Task<IResult> Note(HttpContext http, Caller caller, CirculationAnswers answers, long id, CancellationToken cancellation) =>
        Reply.Json(http, await answers.Note(caller, id, await JsonBody.Read(http, BodyBytesMax, cancellation) ?? [], cancellation), StatusCodes.Status202Accepted);

    private static async Task<IResult> Circulations(HttpContext http, CirculationAnswers answers, string? verb, long? record, int? limit, long? after, CancellationToken cancellation) =>
        Reply.Json(http, await answers.Page(verb, record, limit ?? 100, after ?? 0, cancellation));
}
