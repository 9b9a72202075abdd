using System.Text.Json.Nodes;
using EventLedger.Api.Http;
using EventLedger.Api.Provisioning.Answers;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Provisioning.Http;

/// <summary><c>/u2s/v1/licences/{number}</c>: the record behind a licence number, and what else names it.</summary>
internal static class LicenceEndpoints
{
    public static void Map(IEndpointRouteBuilder u2s)
    {
        u2s.MapGet("/licences/{number}", Licence).WithName("GetLicence").WithSummary("A licence with its status as of a sealed block; 300 where sources share the number").Produces<LicenceView>();
        u2s.MapGet("/licences/{number}/proof", Proof).WithName("GetLicenceProof").WithSummary("A bundle that proves the licence offline").Produces<JsonObject>(200, ProofBundle.MediaType);
        u2s.MapGet("/licences/{number}/history", History).WithName("GetLicenceHistory").WithSummary("What became of the licence, oldest first").Produces<HistoryView>();
        u2s.MapGet("/licences/{number}/lineage", Lineage).WithName("GetLicenceLineage").WithSummary("Where the licence comes from").Produces<LineageView>();
    }

    private static async Task<IResult> Licence(HttpContext http, PublicLedger ledger, string number, string? iss, string? format, CancellationToken cancellation)
    {
        var answer = await ledger.Licence(number, iss, format, cancellation);
        return answer.Value is { Choices.Count: > 0 } several ? Several(http, several) : Reply.Json(http, answer);
    }

    private static async Task<IResult> Proof(HttpContext http, PublicLedger ledger, string number, string? iss, string? format, CancellationToken cancellation) =>
        await OfRecord(http, ledger, number, iss, format, async id => Reply.Proof(http, await ledger.Proof(id, cancellation)), cancellation);

    private static async Task<IResult> History(HttpContext http, PublicLedger ledger, string number, string? iss, string? format, CancellationToken cancellation) =>
        await OfRecord(http, ledger, number, iss, format, async id => Reply.Json(http, await ledger.History(id, cancellation)), cancellation);

    private static async Task<IResult> Lineage(HttpContext http, PublicLedger ledger, string number, string? iss, string? format, CancellationToken cancellation) =>
        await OfRecord(http, ledger, number, iss, format, async id => Reply.Json(http, await ledger.Lineage(id, cancellation)), cancellation);

    private static async Task<IResult> OfRecord(HttpContext http, PublicLedger ledger, string number, string? iss, string? format, Func<long, Task<IResult>> then,
        CancellationToken cancellation)
    {
        var answer = await ledger.Licence(number, iss, format, cancellation);
        return answer.Value switch
        {
            null => Reply.Problem(answer.Problem!),
            { Choices.Count: > 0 } several => Several(http, several),
            { } one => await then(one.Record.Id),
        };
    }

    // Which of them is meant only the asker knows: a guess could show one holder's licence as another's.
    private static IResult Several(HttpContext http, LicenceView licence) =>
        Reply.Json<SharedNumber>(http, new SharedNumber(licence.Number, licence.AsOf, licence.Choices), StatusCodes.Status300MultipleChoices);

    private sealed record SharedNumber(string Number, AsOf AsOf, IReadOnlyList<LicenceChoice> Choices);
}
