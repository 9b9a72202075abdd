using System.Text;
using EventLedger.Api.Http;
using EventLedger.Api.OpenApi;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.V2M;

/// <summary>V2M <c>/v2m/v1</c>: what supervisors ask. Nothing here changes anything. Source: ITU-T Y.4561 (08/2020) 7.3.3, 8.5, 8.9.</summary>
public static class MonitorEndpoints
{
    private const string Lines = "application/x-ndjson";

    /// <summary>Maps the group.</summary>
    public static void Map(IEndpointRouteBuilder v2m)
    {
        v2m.MapGet("/status", async (HttpContext http, StatusAnswers answers, CancellationToken cancellation) => Reply.Json(http, await answers.Status(cancellation)))
            .WithName("GetCapabilities").WithSummary("How each functional entity does").Produces<MonitoredStatusView>();
        v2m.MapGet("/validators", async (HttpContext http, StatusAnswers answers, CancellationToken cancellation) => Reply.Json(http, await answers.Validators(cancellation)))
            .WithName("ListValidatorHealth").WithSummary("Heights, votes and health of the validators (M2P)").Produces<ValidatorsView>();
        v2m.MapGet("/services", async (HttpContext http, StatusAnswers answers, CancellationToken cancellation) => Reply.Json(http, await answers.Services(cancellation)))
            .WithName("ListServiceHealth").WithSummary("Probes and call statistics of the services (M2S)").Produces<ServicesView>();
        v2m.MapGet("/sources", Sources).WithName("ListScorecards").WithSummary("Scorecards of the sources, worst first (M2R)").Produces<SourcesView>();
        v2m.MapGet("/sources/{id}", Source).WithName("GetScorecard").WithSummary("One source: refusals, formats, gaps").Produces<SourceView>()
            ;
        v2m.MapGet("/times", Times).WithName("GetTimeSequence").WithSummary("The time sequence of a period: order, gaps, back-dating, skew").Produces<TimesView>();
        v2m.MapGet("/series", Series).WithName("GetSeries").WithSummary("Records, entries, seals, waits or deliveries over time, as JSON or text/csv").Produces<SeriesView>();
        v2m.MapGet("/creation", Creation).WithName("GetCreation").WithSummary("What was created, by source and type").Produces<CreationView>();
        v2m.MapGet("/updates", Updates).WithName("ListUpdates").WithSummary("Updates with what they changed, newest first").Produces<UpdatesView>();
        v2m.MapGet("/consistency", Consistency).WithName("GetConsistencyBetweenTimes").WithSummary("Proof that the log at one time is the beginning of the log at another, to be checked offline")
            .Gives(StatusCodes.Status200OK, ConsistencyBundle.MediaType, "The proof.", "v", "first", "second", "path", "sets");
        v2m.MapGet("/accesses", Accesses).WithName("SearchAccesses").WithSummary("Who read which protected fields, and what for").Produces<AccessesView>();
        v2m.MapGet("/operations", Operations).WithName("ListOperations").WithSummary("Every operation from a time or place on, as JSON or as lines of JSON")
            .Produces<OperationsView>();
    }

    private static async Task<IResult> Sources(HttpContext http, SourceScores scores, string? from, string? to, CancellationToken cancellation) =>
        Reply.Json(http, await scores.All(from, to, cancellation));

    private static async Task<IResult> Source(HttpContext http, SourceScores scores, string id, string? from, string? to, CancellationToken cancellation) =>
        Reply.Json(http, await scores.One(id, from, to, cancellation));

    private static async Task<IResult> Times(HttpContext http, TimeAnswers answers, string? from, string? to, long? gapSeconds, long? backDatedSeconds, CancellationToken cancellation) =>
        Reply.Json(http, await answers.Times(from, to, gapSeconds ?? 300, backDatedSeconds ?? 86_400, cancellation));

    private static async Task<IResult> Series(HttpContext http, SeriesAnswers answers, string? name, string? from, string? to, long? step, CancellationToken cancellation)
    {
        var answer = await answers.Series(name, from, to, step, cancellation);
        return answer.Value is { } view && Csv.IsWanted(http.Request)
            ? Csv.File(http, SeriesAnswers.ToCsv(view), view.Name)
            : Reply.Json(http, answer);
    }

    private static async Task<IResult> Creation(HttpContext http, CreationAnswers answers, string? from, string? to, string? source, string? format, long? step, CancellationToken cancellation) =>
        Reply.Json(http, await answers.Created(from, to, source, format, step ?? 60, cancellation));

    private static async Task<IResult> Updates(HttpContext http, CreationAnswers answers, string? from, string? to, string? source, int? limit, long? before, CancellationToken cancellation) =>
        Reply.Json(http, await answers.Updated(from, to, source, limit ?? 50, before, cancellation));

    private static async Task<IResult> Consistency(HttpContext http, SealProofs proofs, string? from, string? to, CancellationToken cancellation)
    {
        var answer = await proofs.Between(from, to, cancellation);
        return answer.Value is { } bundle
            ? Reply.File(http, bundle.ToBytes(), ConsistencyBundle.MediaType, $"consistency-{bundle.First.Height}-{bundle.Second.Height}.json")
            : Reply.Problem(answer.Problem!);
    }

    private static async Task<IResult> Accesses(HttpContext http, AccessSearch search, string? from, string? to, string? iss, string? subject, string? user, string? purpose, int? limit,
        long? before, CancellationToken cancellation) =>
        Reply.Json(http, await search.Page(from, to, new(iss, subject, user, purpose), limit ?? 100, before, cancellation));

    private static async Task<IResult> Operations(HttpContext http, OperationAnswers answers, string? from, long? fromSeq, string[] types, string[] sources, int? limit,
        CancellationToken cancellation)
    {
        var answer = await answers.Page(from, fromSeq, types, sources, limit ?? 100, cancellation);
        if (answer.Value is not { } page || !http.Request.Headers.Accept.ToString().Contains(Lines, StringComparison.OrdinalIgnoreCase))
        {
            return Reply.Json(http, answer);
        }
        if (page.Next is { } next)
        {
            http.Response.Headers.Link = $"<{next}>; rel=\"next\"";
        }
        var text = new StringBuilder();
        foreach (var item in page.Items)
        {
            text.Append(Encoding.UTF8.GetString(Reply.ToBytes(item))).Append('\n');
        }
        return TypedResults.Text(text.ToString(), Lines);
    }
}
