using System.Text.Json.Nodes;
using EventLedger.Api.Host;
using EventLedger.Api.Http;
using EventLedger.Api.Processing.Sealing;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using Microsoft.AspNetCore.Mvc;

namespace EventLedger.Api.Chain;

/// <summary><c>/ledger/v1</c>: what anyone may read of the chain itself.</summary>
public static class ChainEndpoints
{
    /// <summary>Maps the group.</summary>
    public static void MapChain(this IEndpointRouteBuilder routes)
    {
        var chain = routes.MapGroup("/ledger/v1").WithTags("P2R");
        chain.MapGet("/genesis", ([FromServices] Genesis genesis) => TypedResults.Bytes(genesis.File, "application/json")).WithName("GetGenesis")
            .WithSummary("The genesis file, byte for byte: all that a verifier must trust");
        chain.MapGet("/head", Head).WithName("GetHead").WithSummary("The newest sealed header and its commit");
        chain.MapGet("/blocks/{height:long}", Block).WithName("GetBlock").WithSummary("One sealed block: header, commit, rejected entries");
        chain.MapGet("/consistency", Consistency).WithName("GetConsistency").WithSummary("Proof that one tree is a prefix of another (RFC 9162)");
        chain.MapGet("/validators", Validators).WithName("ListValidators").WithSummary("The validators and what they say about themselves");
    }

    private static IResult Head([FromServices] Genesis genesis, LedgerHead head)
    {
        var (header, commit) = head.Newest;
        return Json.Ok(new JsonObject
        {
            ["chain"] = genesis.Chain, ["height"] = header.Height, ["size"] = header.Size, ["hash"] = header.Hash.ToString(),
            ["header"] = commit is null ? null : header.ToJson(), ["commit"] = commit?.ToJson(),
        });
    }

    private static async Task<IResult> Block(long height, IEventStore store, CancellationToken cancellation)
    {
        if (height < 1 || await store.Block(height, cancellation) is not { } block)
        {
            return Problems.From("height-unknown", $"There is no sealed block at height {height}.");
        }
        return Json.Ok(new JsonObject
        {
            ["height"] = height, ["first"] = block.First, ["size"] = block.Size,
            ["header"] = JsonNode.Parse(block.Header.Span), ["commit"] = JsonNode.Parse(block.Commit.Span),
            ["rejected"] = new JsonArray([.. block.Rejected.Select(r => new JsonArray(r.Seq, r.Code))]),
        });
    }

    private static async Task<IResult> Consistency(long from, long to, IEventStore store, LedgerHead head, CancellationToken cancellation)
    {
        if (from < 1 || from > to || to > head.Header.Size)
        {
            return Problems.From("range-malformed", $"1 ≤ from ≤ to ≤ {head.Header.Size}.");
        }
        var path = await store.ConsistencyPath(from, to, cancellation);
        return Json.Ok(new JsonObject { ["from"] = from, ["to"] = to, ["path"] = new JsonArray([.. path.Select(p => JsonValue.Create(p.ToString()))]) });
    }

    private static async Task<IResult> Validators([FromServices] Genesis genesis, Validators validators, CancellationToken cancellation)
    {
        var health = await validators.Health(cancellation);
        return Json.Ok(new JsonObject
        {
            ["tolerates"] = genesis.Set.Tolerates,
            ["validators"] = new JsonArray([.. genesis.Validators.Select((v, i) => new JsonObject
            {
                ["name"] = v.Name,
                ["kid"] = v.Member.Kid,
                ["power"] = v.Member.Power,
                ["online"] = health[i] is not null,
                ["height"] = health[i]?.Height,
                ["size"] = health[i]?.Size,
                ["peers"] = health[i]?.Peers.Count,
                ["observing"] = health[i]?.Observing,
                ["problem"] = health[i]?.Problem,
            })]),
        });
    }
}
