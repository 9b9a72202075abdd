using System.Text.Json.Nodes;
using EventLedger.Api.Http;
using EventLedger.Api.Identity;
using EventLedger.Api.Provisioning.Cases;

namespace EventLedger.Api.Provisioning.Http;

/// <summary><c>/u2s/v1/cases</c>: requests that people answer, each with a number.</summary>
internal static class CaseEndpoints
{
    private const int BodyBytesMax = 32 << 10;

    public static void Map(IEndpointRouteBuilder u2s)
    {
        u2s.MapPost("/cases", Open).Need(Policy.User, Scope.U2sRead).WithName("OpenCase").WithSummary("Ask for access, a correction or an erasure, or dispute a record").Accepts<JsonObject>("application/json")
            .Produces<CaseView>(201).ProducesProblem(400).DisableAntiforgery();
        u2s.MapGet("/cases", List).Need(Policy.User, Scope.U2sRead).WithName("ListCases").WithSummary("One's own cases; all for operators and supervisors").Produces<CaseList>();
        u2s.MapGet("/cases/{id}", Get).Need(Policy.User, Scope.U2sRead).WithName("GetCase").WithSummary("One case with its answer").Produces<CaseView>().ProducesProblem(404);
        u2s.MapPost("/cases/{id}/answer", Answer).Need(Policy.Operator, Scope.U2sQuery).WithName("AnswerCase").WithSummary("Answer a case, once").Accepts<JsonObject>("application/json").Produces<CaseView>()
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).DisableAntiforgery();
        u2s.MapPost("/reports", Report).WithName("ReportFake").WithSummary("Report that something is forged or wrong; anybody may, without a name").Accepts<JsonObject>("application/json")
            .Produces<ReportView>(201).ProducesProblem(400).ProducesProblem(429).DisableAntiforgery();
        u2s.MapGet("/reports/{id}", Reported).WithName("GetReport").WithSummary("Where a report stands, by its number").Produces<ReportView>().ProducesProblem(404);
    }

    private static async Task<IResult> Open(HttpContext http, Caller caller, CaseAnswers answers, CancellationToken cancellation)
    {
        var opened = await answers.Open(caller, await JsonBody.Read(http, BodyBytesMax, cancellation) ?? [], cancellation);
        if (opened.Value is { } view)
        {
            http.Response.Headers.Location = $"/u2s/v1/cases/{view.Id}";
        }
        return Reply.Json(http, opened, StatusCodes.Status201Created);
    }

    private static async Task<IResult> Report(HttpContext http, PublicLedger ledger, CancellationToken cancellation)
    {
        var filed = await ledger.Report(http, await JsonBody.Read(http, BodyBytesMax, cancellation) ?? [], null, cancellation);
        if (filed.Value is { } view)
        {
            http.Response.Headers.Location = $"/u2s/v1/reports/{view.Id}";
        }
        return Reply.Json(http, filed, StatusCodes.Status201Created);
    }

    private static async Task<IResult> Reported(HttpContext http, PublicLedger ledger, string id, CancellationToken cancellation) => Reply.Json(http, await ledger.Reported(id, cancellation));

    private static async Task<IResult> List(HttpContext http, Caller caller, CaseAnswers answers, CancellationToken cancellation) => Reply.Json<CaseList>(http, await answers.List(caller, cancellation));

    private static async Task<IResult> Get(HttpContext http, Caller caller, CaseAnswers answers, string id, CancellationToken cancellation) =>
        Reply.Json(http, await answers.Find(caller, id, cancellation));

    private static async Task<IResult> Answer(HttpContext http, Caller caller, CaseAnswers answers, string id, CancellationToken cancellation) =>
        Reply.Json(http, await answers.Reply(caller, id, await JsonBody.Read(http, BodyBytesMax, cancellation) ?? [], cancellation));
}
