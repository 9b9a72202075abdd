using EventLedger.Api.Http;
using EventLedger.Api.Provisioning.Answers;

namespace EventLedger.Api.Provisioning.Http;

/// <summary><c>/u2s/v1/blocks</c>: what is in a block and who signed it, for people and their pages.</summary>
internal static class BlockEndpoints
{
    public static void Map(IEndpointRouteBuilder u2s)
    {
        u2s.MapGet("/blocks", Page).WithName("ListBlocks").WithSummary("Blocks, newest first").Produces<BlockPage>();
        u2s.MapGet("/blocks/{height:long}", Block).WithName("GetBlockSummary").WithSummary("One block with its records and signers").Produces<BlockView>();
    }

    private static async Task<IResult> Page(HttpContext http, PublicLedger ledger, int? limit, long? before, CancellationToken cancellation) =>
        Reply.Json(http, await ledger.Blocks(limit ?? 20, before, cancellation));

    private static async Task<IResult> Block(HttpContext http, PublicLedger ledger, long height, CancellationToken cancellation) =>
        Reply.Json(http, await ledger.Block(height, cancellation));
}
