using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Chain;

/// <summary><c>/ledger/v1</c>: what anyone may read of the chain itself.</summary>
public static class ChainEndpoints
{
    /// <summary>Maps the group.</summary>
    public static void MapChain(this IEndpointRouteBuilder routes)
    {
        var chain = routes.MapGroup("/ledger/v1").WithTags("P2R");
        chain.MapGet("/genesis", (Genesis genesis) => TypedResults.Bytes(genesis.File, "application/json")).WithName("GetGenesis");
    }
}
