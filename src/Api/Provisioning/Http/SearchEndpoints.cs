using EventLedger.Api.Http;
using EventLedger.Api.Provisioning.Answers;

namespace EventLedger.Api.Provisioning.Http;

/// <summary><c>/u2s/v1/search</c>, <c>/timestamps</c> and <c>/sources</c>: finding things by what people have in hand.</summary>
internal static class SearchEndpoints
{
    public static void Map(IEndpointRouteBuilder u2s)
    {
        u2s.MapGet("/search", Search).WithName("Search").WithSummary("One box: number, hash, height, id, source, or words; with an exact total")
            .Produces<SearchPage>().ProducesProblem(400);
        u2s.MapGet("/timestamps", Timestamps).WithName("SearchTimestamps").WithSummary("What existed before a time: by hash, or between two times, with proof")
            .Produces<TimestampPage>().ProducesProblem(400);
        u2s.MapGet("/sources/{id}", Source).WithName("GetSourceCard").WithSummary("Who stands behind a source's records").Produces<SourceCard>().ProducesProblem(404);
    }

    private static async Task<IResult> Search(HttpContext http, SearchAnswers answers, string? q, int? limit, long? before, CancellationToken cancellation) =>
        Reply.Json(http, await answers.Page(q, limit ?? 50, before, cancellation));

    private static async Task<IResult> Timestamps(HttpContext http, TimestampAnswers answers, string? hash, string? after, string? before, string? format, bool? proof, int? limit,
        long? from, CancellationToken cancellation) => Reply.Json(http, hash is null
            ? await answers.Between(after, before, format, limit ?? 100, from ?? 0, cancellation)
            : await answers.ByHash(hash, before, proof ?? false, cancellation));

    private static async Task<IResult> Source(HttpContext http, SourceAnswers answers, string id, CancellationToken cancellation) => Reply.Json(http, await answers.Card(id, cancellation));
}
