using System.Text.Json.Nodes;
using EventLedger.Api.Host;
using EventLedger.Api.Http;
using EventLedger.Api.OpenApi;
using EventLedger.Api.Processing.Sealing;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using Microsoft.AspNetCore.Mvc;

namespace EventLedger.Api.Processing;

/// <summary><c>/ledger/v1</c>: what anyone may read of the chain itself.</summary>
public static class ChainEndpoints
{
    /// <summary>Maps the group.</summary>
    public static void MapChain(this IEndpointRouteBuilder routes)
    {
        var chain = routes.MapGroup("/ledger/v1").WithTags("P2R").Need(Policy.Public);
        chain.MapGet("/genesis", ([FromServices] Genesis genesis) => TypedResults.Bytes(genesis.File, "application/json")).WithName("GetGenesis")
            .WithSummary("The genesis file, byte for byte: all that a verifier must trust")
            .Gives(StatusCodes.Status200OK, "application/json", "The genesis file, byte by byte.", "v", "name", "chain?");
        chain.MapGet("/head", Head).WithName("GetHead").WithSummary("The newest sealed header and its commit")
            .Gives(StatusCodes.Status200OK, "application/json", "The newest sealed header.", "chain", "height", "size", "time", "hash", "header", "commit");
        chain.MapGet("/blocks/{height:long}", Block).WithName("GetBlock").WithSummary("One sealed block: header, commit, rejected entries")
            .Gives(StatusCodes.Status200OK, "application/json", "One sealed block.", "height", "first", "size", "header", "commit", "rejected");
        chain.MapGet("/consistency", Consistency).WithName("GetConsistency").WithSummary("Proof that one tree is a prefix of another (RFC 9162)")
            .Gives(StatusCodes.Status200OK, "application/json", "The path.", "from", "to", "path");
        chain.MapGet("/validators", Validators).WithName("ListValidators").WithSummary("The validators and what they say about themselves")
            .Gives(StatusCodes.Status200OK, "application/json", "The validators.", "tolerates", "validators");
    }

    private static IResult Head([FromServices] Genesis genesis, LedgerHead head)
    {
        var (header, commit) = head.Newest;
        return Json.Ok(new JsonObject
        {
            ["chain"] = genesis.Chain, ["height"] = header.Height, ["size"] = header.Size, ["root"] = header.Root.ToString(),
            ["time"] = header.Time.ToString(), ["hash"] = header.Hash.ToString(),
            ["header"] = commit is null ? null : header.ToJson(), ["commit"] = commit?.ToJson(),
        });
    }

    private static async Task<IResult> Block(long height, IEventStore store, HostState state, CancellationToken cancellation)
    {
        if (height < 1 || await store.Block(height, cancellation) is not { } block)
        {
            return Problems.From("height-unknown", $"There is no sealed block at height {height}.");
        }
        var (formats, controls) = await Applied(block, store, cancellation);
        return Json.Ok(new JsonObject
        {
            ["height"] = height, ["first"] = block.First, ["size"] = block.Size,
            ["parameters"] = LedgerParameters.At(state.Registry.Parameters, height).ToJson(), ["formats"] = formats, ["controls"] = controls,
            ["header"] = JsonNode.Parse(block.Header.Span), ["commit"] = JsonNode.Parse(block.Commit.Span),
            ["rejected"] = new JsonArray([.. block.Rejected.Select(r => new JsonArray(r.Seq, r.Code))]),
        });
    }

    // What the records of the block were held to, and what acts of control it seals.
    private static async Task<(JsonArray Formats, JsonArray Controls)> Applied(StoredBlock block, IEventStore store, CancellationToken cancellation)
    {
        var (formats, controls) = (new SortedDictionary<string, int>(StringComparer.Ordinal), new JsonArray());
        foreach (var entry in block.Size < block.First ? [] : await store.ReadAll(block.First, (int)(block.Size - block.First + 1), cancellation))
        {
            if (EventTable.Types.GetValueOrDefault(entry.Entry.Type) == Proof.Authorization)
            {
                controls.Add(new JsonObject { ["seq"] = entry.Entry.Seq, ["type"] = entry.Entry.Type });
            }
            else if (entry.Entry.TryRecord(out var record, out _) && record.Payload.TryGetProperty("vct", out var vct) && vct.GetString() is { } name)
            {
                formats[name] = formats.GetValueOrDefault(name) + 1;
            }
        }
        return (new([.. formats.Select(f => new JsonObject { ["vct"] = f.Key, ["records"] = f.Value })]), controls);
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

    private static async Task<IResult> Validators(LedgerHead head, LedgerSets sets, Validators validators, TimeProvider clock, CancellationToken cancellation)
    {
        await sets.Load(cancellation);
        var asked = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var health = await validators.Health(cancellation);
        var answered = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return Json.Ok(new JsonObject
        {
            ["tolerates"] = sets.At(head.Header.Height + 1).Tolerates,
            ["validators"] = new JsonArray([.. health.Select(h => new JsonObject
            {
                ["name"] = h.From.Validator.Name,
                ["kid"] = h.From.Validator.Member.Kid,
                ["address"] = h.From.Validator.Address,
                ["transport"] = h.From.Validator.Member.Keys[KeyPurpose.Transport].Kid,
                ["state"] = validators.Observers.Contains(h.From) ? "invited" : "seated",
                ["power"] = validators.Observers.Contains(h.From) ? 0 : h.From.Validator.Member.Power,
                ["online"] = h.Reply is not null,
                ["height"] = h.Reply?.Height,
                ["size"] = h.Reply?.Size,
                ["peers"] = h.Reply?.Peers.Count,
                ["observing"] = h.Reply?.Observing,
                ["problem"] = h.Reply?.Problem,
                ["skewMs"] = h.Reply is { ClockMs: > 0 } told ? Skew(told.ClockMs, asked, answered) : null,
            })]),
        });
    }

    // A clock that was read between question and answer and lies between both is not known to be wrong; beyond them it is, by at least so much.
    private static long Skew(long clockMs, long askedMs, long answeredMs) => clockMs < askedMs ? clockMs - askedMs : Math.Max(0, clockMs - answeredMs);
}
