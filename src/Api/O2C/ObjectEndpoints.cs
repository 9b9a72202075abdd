using System.Text.Json.Nodes;
using EventLedger.Api.Host;
using EventLedger.Api.Http;
using EventLedger.Api.Identity;
using EventLedger.Api.OpenApi;
using EventLedger.Domain.Controlling;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;

namespace EventLedger.Api.O2C;

/// <summary>O2C lists of everything that is controlled, each with its history and the way forward to an earlier state. Source: ITU-T Y.4561 (08/2020) 8.4.</summary>
public static class ObjectEndpoints
{
    private const int RequestBytesMax = 1024;

    /// <summary>Maps the routes of every kind.</summary>
    public static void Map(IEndpointRouteBuilder o2c)
    {
        foreach (var (kind, all) in ControlledObjects.Kinds)
        {
            var name = char.ToUpperInvariant(kind[0]) + kind[1..];
            o2c.MapGet($"/{kind}", (HttpRequest request, ControlLog log, CancellationToken cancellation) => List(kind, all, request, log, cancellation))
                .WithName($"ListControlled{name}").WithSummary($"All {kind} as they stand; Accept: text/csv gives them as a file").Gives(StatusCodes.Status200OK, "application/json", $"The {kind}.", kind);
            o2c.MapGet($"/{kind}/{{id}}", (string id, ControlLog log, IEventStore store, CancellationToken cancellation) => Get(id, all, log, store, cancellation))
                .WithName($"GetControlled{name}").WithSummary($"One of the {kind} as it stands, with the version that the signers of a change name")
                .Gives(StatusCodes.Status200OK, "application/json", "The object.", "id", "stream", "streamVersion", "state");
            o2c.MapGet($"/{kind}/{{id}}/history", (string id, ControlLog log, IEventStore store, CancellationToken cancellation) => History(id, all, log, store, cancellation))
                .WithName($"GetControlled{name}History").WithSummary($"What made one of the {kind} so, oldest first: who signed, when, and where each event stands")
                .Gives(StatusCodes.Status200OK, "application/json", "The events.", "id", "stream", "events");
            o2c.MapPost($"/{kind}/{{id}}/roll-forward", (string id, HttpContext http, ControlLog log, IEventStore store, ControlRequests requests, CancellationToken cancellation) =>
                    RollForward(id, all, http, log, store, requests, cancellation))
                .Need(Policy.Operator).WithName($"RollForward{name}").WithSummary("Draft the state that an earlier event gave as a new act; nothing is undone")
                .Takes("application/json", "The earlier event.", "seq").Gives(StatusCodes.Status201Created, "application/json", "The draft.", "id", "event", "data");
        }
    }

    private static async Task<IResult> List(string kind, Func<Registry, IEnumerable<ControlledObject>> all, HttpRequest request, ControlLog log, CancellationToken cancellation)
    {
        var (registry, seq) = await log.Now(cancellation);
        if (Csv.IsWanted(request))
        {
            return Csv.File(request.HttpContext, all(registry).OrderBy(o => o.Id, StringComparer.Ordinal).Select(o => o.State), kind);
        }
        return Json.Ok(new JsonObject
        {
            [kind] = new JsonArray([.. all(registry).OrderBy(o => o.Id, StringComparer.Ordinal).Select(o => new JsonObject { ["id"] = o.Id, ["stream"] = o.Stream, ["state"] = o.State })]),
            ["asOfSeq"] = seq,
        });
    }

    private static async Task<IResult> Get(string id, Func<Registry, IEnumerable<ControlledObject>> all, ControlLog log, IEventStore store, CancellationToken cancellation) =>
        await Find(id, all, log, cancellation) is { } found
            ? Json.Ok(new JsonObject
            {
                ["id"] = found.Id, ["stream"] = found.Stream, ["streamVersion"] = (await store.StreamVersions([found.Stream], cancellation)).GetValueOrDefault(found.Stream),
                ["state"] = found.State,
            })
            : Unknown();

    private static async Task<IResult> History(string id, Func<Registry, IEnumerable<ControlledObject>> all, ControlLog log, IEventStore store, CancellationToken cancellation)
    {
        if (await Find(id, all, log, cancellation) is not { } found)
        {
            return Unknown();
        }
        var events = new JsonArray();
        foreach (var entry in await store.ReadStream(found.Stream, 1, cancellation))
        {
            events.Add(await log.Describe(entry, cancellation));
        }
        return Json.Ok(new JsonObject { ["id"] = found.Id, ["stream"] = found.Stream, ["events"] = events });
    }

    private static async Task<IResult> RollForward(string id, Func<Registry, IEnumerable<ControlledObject>> all, HttpContext http, ControlLog log, IEventStore store, ControlRequests requests,
        CancellationToken cancellation)
    {
        var (malformed, body) = await Utf8Body.Object(http.Request, RequestBytesMax, "The earlier event is named by {seq}.", cancellation);
        if (malformed is not null || !body.TryGetProperty("seq", out var number) || !number.TryGetInt64(out var seq))
        {
            return malformed ?? Problems.From("request-malformed", "The earlier event is named by {seq}.");
        }
        if (await Find(id, all, log, cancellation) is not { } found)
        {
            return Unknown();
        }
        if (seq < 1 || await store.ReadAll(seq, 1, cancellation) is not [var entry] || entry.Entry.Stream != found.Stream || ControlTable.Of(entry.Entry.Type) is not { } act)
        {
            return Problems.From("seq-unknown", $"Entry {seq} made no state of this object.");
        }
        var data = (JsonObject)JsonNode.Parse(entry.Entry.Data.Span)!;
        data.Remove("authorization");
        // What was registered is not registered again: its state comes back as a change.
        var operation = act.Event == EventTable.OrganisationRegistered ? "change" : act.Operation;
        var (refusal, look) = await requests.Draft(new(operation, act.Type, data, $"As it was by entry {seq}."), Caller.Of(http).Id, cancellation);
        return refusal ?? Json.Status(StatusCodes.Status201Created, look!.Answer);
    }

    private static async Task<ControlledObject?> Find(string id, Func<Registry, IEnumerable<ControlledObject>> all, ControlLog log, CancellationToken cancellation) =>
        all((await log.Now(cancellation)).Registry).FirstOrDefault(o => o.Id == id);

    private static IResult Unknown() => Problems.From("not-found", "There is nothing with this id.");
}
