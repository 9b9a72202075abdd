using EventLedger.Api.Doors;
using System.Text;
using System.Text.Json.Nodes;
using EventLedger.Api.Http;
using EventLedger.Api.Identity;
using EventLedger.Api.Provisioning.Access;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Provisioning.Http;

/// <summary>Fields that are not public, who may read them, and who has.</summary>
internal static class AccessEndpoints
{
    private const int BodyBytesMax = 64 << 10;

    public static void Map(IEndpointRouteBuilder u2s)
    {
        u2s.MapGet("/records/{id:long}/disclosed", Disclosed).Need(Policy.User, Scope.U2sDisclose).WithName("ReadDisclosed")
            .WithSummary("Fields that are not public, for a purpose and under a grant; the read is an event").Produces<DisclosedView>().ProducesProblem(400).ProducesProblem(403).ProducesProblem(410);
        u2s.MapPost("/explain", Explain).Need(Policy.User, Scope.U2sRead).WithName("ExplainAccess").WithSummary("Why fields may be read or not, and who would gain or lose by a change of grants")
            .Accepts<JsonObject>("application/json").Produces<ExplainView>().ProducesProblem(400).ProducesProblem(403).DisableAntiforgery();
        u2s.MapGet("/grants", Grants).Need(Policy.User, Scope.U2sRead).WithName("ListGrants").WithSummary("One's own grants; all of them for operators and supervisors").Produces<GrantList>();
        u2s.MapGet("/grants.csv", GrantsCsv).Need(Policy.User, Scope.U2sRead).WithName("ListGrantsAsCsv").WithSummary("The same as comma-separated values").Produces<string>(200, Csv.MediaType);
        u2s.MapPost("/subjects/accesses", Accesses).Need(Policy.Signed).WithName("ListSubjectAccesses")
            .WithSummary("Who has read what of one person: the body is the statement by which the person's source vouches for them").Accepts<string>("application/jwt")
            .Produces<AccessList>().ProducesProblem(401).DisableAntiforgery();
        u2s.MapGet("/entries/{seq:long}/proof", EntryProof).WithName("GetEntryProof").WithSummary("A proof that an entry of any type is sealed").Produces<JsonObject>(200, Domain.Ledger.EntryProof.MediaType)
            .ProducesProblem(404).ProducesProblem(409);
    }

    private static async Task<IResult> Disclosed(HttpContext http, Caller caller, DisclosedAnswers answers, long id, string? fields, string? purpose, CancellationToken cancellation)
    {
        // Neither browser nor proxy keeps what was opened for one reader and one purpose.
        var answer = await answers.Read(caller, id, (fields ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), purpose, cancellation);
        var reply = Reply.Json(http, answer);
        http.Response.Headers.CacheControl = "no-store";
        return reply;
    }

    private static async Task<IResult> Explain(HttpContext http, Caller caller, GrantAnswers answers, CancellationToken cancellation) =>
        await JsonBody.Read(http, BodyBytesMax, cancellation) is { } body && ExplainReader.Read(body) is { } question
            ? Reply.Json(http, answers.Explain(caller, question))
            : Problems.From("query-malformed", "The body is {\"format\": …, \"fields\"?: […], \"purpose\"?: …, \"party\"?: …, \"suppose\"?: {\"issue\"?: [grant …], \"revoke\"?: [id …]}}.");

    private static IResult Grants(HttpContext http, Caller caller, GrantAnswers answers) => Reply.Json<GrantList>(http, answers.Own(caller));

    private static IResult GrantsCsv(HttpContext http, Caller caller, GrantAnswers answers) =>
        Csv.File(http, answers.ToCsv(caller), "grants");

    private static async Task<IResult> Accesses(HttpContext http, SubjectAnswers answers, CancellationToken cancellation)
    {
        using var reader = new StreamReader(http.Request.Body, Encoding.ASCII);
        var text = new char[Jws.LengthMax + 1];
        var length = await reader.ReadBlockAsync(text, cancellation);
        var reply = Reply.Json(http, await answers.Accesses(new string(text, 0, length), cancellation));
        http.Response.Headers.CacheControl = "no-store";
        return reply;
    }

    private static async Task<IResult> EntryProof(HttpContext http, IS2P processing, long seq, CancellationToken cancellation)
    {
        var answer = await processing.ProofOfEntry(seq, [], cancellation);
        return answer.Value is { } proof ? Reply.File(http, proof.ToBytes(), Domain.Ledger.EntryProof.MediaType, $"entry-{seq}.proof.json") : Reply.Problem(answer.Problem!);
    }
}
