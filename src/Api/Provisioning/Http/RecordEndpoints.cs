using System.Text.Json.Nodes;
using EventLedger.Api.Http;
using EventLedger.Api.Provisioning.Answers;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Provisioning.Http;

/// <summary><c>/u2s/v1/records</c>: lists of records, and one record with its proof, history and lineage.</summary>
internal static class RecordEndpoints
{
    public static void Map(IEndpointRouteBuilder u2s)
    {
        u2s.MapGet("/records", Page).WithName("ListRecords").WithSummary("Records in log order, with an exact total").Produces<RecordPage>();
        u2s.MapGet("/records/{id:long}", Record).WithName("GetRecord").WithSummary("One record").Produces<RecordView>();
        u2s.MapGet("/records/{id:long}/proof", Proof).WithName("GetRecordProof").WithSummary("A bundle that proves the record offline").Produces<JsonObject>(200, ProofBundle.MediaType);
        u2s.MapGet("/records/{id:long}/history", History).WithName("GetRecordHistory").WithSummary("What became of the record, oldest first").Produces<HistoryView>();
        u2s.MapGet("/records/{id:long}/lineage", Lineage).WithName("GetRecordLineage").WithSummary("Where the record comes from").Produces<LineageView>();
    }

    private static async Task<IResult> Page(HttpContext http, PublicLedger ledger, string? state, string? format, string? iss, int? limit, long? after,
        CancellationToken cancellation) => Reply.Json(http, await ledger.Records(state, format, iss, limit ?? 100, after ?? 0, cancellation));

    private static async Task<IResult> Record(HttpContext http, PublicLedger ledger, long id, CancellationToken cancellation) =>
        Reply.Json(http, await ledger.Record(id, cancellation));

    private static async Task<IResult> Proof(HttpContext http, PublicLedger ledger, long id, CancellationToken cancellation) =>
        Reply.Proof(http, await ledger.Proof(id, cancellation));

    private static async Task<IResult> History(HttpContext http, PublicLedger ledger, long id, CancellationToken cancellation) =>
        Reply.Json(http, await ledger.History(id, cancellation));

    private static async Task<IResult> Lineage(HttpContext http, PublicLedger ledger, long id, CancellationToken cancellation) =>
        Reply.Json(http, await ledger.Lineage(id, cancellation));
}
