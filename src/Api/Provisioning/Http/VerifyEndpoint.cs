using EventLedger.Api.Http;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Provisioning.Http;

/// <summary><c>POST /u2s/v1/verify</c>: judges a proof bundle. Who does not trust this host runs the same check at home.</summary>
internal static class VerifyEndpoint
{
    public static void Map(IEndpointRouteBuilder u2s) => u2s.MapPost("/verify", Handle).WithName("VerifyProof").WithSummary("Judges a proof bundle").Produces<Judged>()
        .Accepts<object>(ProofBundle.MediaType, "application/json").DisableAntiforgery();

    private static async Task<IResult> Handle(HttpContext http, PublicLedger ledger, CancellationToken cancellation)
    {
        if (http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = ProofVerifier.SizeBytesMax;
        }
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, cancellation);
        return body.Length > ProofVerifier.SizeBytesMax
            ? Problems.From("body-too-large", $"A proof has at most {ProofVerifier.SizeBytesMax} bytes.")
            : Reply.Json<Judged>(http, Judged.From(ledger.Verify(body.ToArray())));
    }

    private sealed record Judged(string Verdict, string Code, IReadOnlyList<VerdictCheck> Checks)
    {
        public static Judged From(Verdict verdict) => new(verdict.Word, verdict.Code, verdict.Checks);
    }
}
