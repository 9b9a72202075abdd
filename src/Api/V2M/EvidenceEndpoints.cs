using EventLedger.Api.Http;
using EventLedger.Domain.Kernel;

namespace EventLedger.Api.V2M;

/// <summary>V2M <c>/v2m/v1/evidence</c>: what validators signed against the rules. Source: ITU-T Y.4561 (08/2020) 7.3; DESIGN section 6.</summary>
public static class EvidenceEndpoints
{
    /// <summary>Media type of the file that <c>./ledger evidence verify</c> takes.</summary>
    public const string MediaType = "application/vnd.eventledger.evidence+json";

    /// <summary>Maps the group.</summary>
    public static void MapV2M(this IEndpointRouteBuilder routes)
    {
        var v2m = routes.MapGroup("/v2m/v1").WithTags("V2M").Need(Policy.Public);
        v2m.MapGet("/evidence", Page).WithName("ListEvidence").WithSummary("Sealed evidence against validators, newest first").Produces<EvidencePage>();
        v2m.MapGet("/evidence/{seq:long}", One).WithName("GetEvidence").WithSummary("One piece of evidence with both signatures and where it is sealed").Produces<EvidenceView>();
        v2m.MapGet("/evidence/{seq:long}/file", File).WithName("GetEvidenceFile").WithSummary("The evidence by itself, to be checked offline");
    }

    private static async Task<IResult> Page(HttpContext http, EvidenceAnswers answers, int? limit, long? before, CancellationToken cancellation) =>
        Reply.Json(http, await answers.Page(limit ?? 50, before, cancellation));

    private static async Task<IResult> One(HttpContext http, EvidenceAnswers answers, long seq, CancellationToken cancellation) =>
        Reply.Json(http, await answers.One(seq, cancellation));

    private static async Task<IResult> File(HttpContext http, EvidenceAnswers answers, long seq, CancellationToken cancellation)
    {
        var answer = await answers.One(seq, cancellation);
        return answer.Value is { } view ? Reply.File(http, Jcs.Bytes(view.Evidence), MediaType, $"evidence-{seq}.json") : Reply.Problem(answer.Problem!);
    }
}
