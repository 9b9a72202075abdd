using System.Text.Json.Nodes;
using EventLedger.Api.Doors;
using EventLedger.Api.Host;
using EventLedger.Api.Http;
using EventLedger.Api.OpenApi;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;

namespace EventLedger.Api.O2C;

/// <summary>O2C <c>/o2c/v1/controls</c>: what operators signed. Source: ITU-T Y.4561 (08/2020) 7.4.</summary>
public static class ControlEndpoints
{
    private const int PageMax = 200;

    private static readonly string[] Entry = ["seq", "type", "stream", "version", "time", "actor", "leaf", "status", "code?", "data"];

    /// <summary>Maps the group.</summary>
    public static void MapO2C(this IEndpointRouteBuilder routes)
    {
        var o2c = routes.MapGroup("/o2c/v1").WithTags("O2C").Need(Policy.Public);
        o2c.MapPost("/controls", Post).Need(Policy.Signed).WithName("PostControl").WithSummary("Hand in an event of authority with the signatures under it")
            .Takes("application/json", "The event with its authorization.", "type", "stream", "expectedVersion", "data")
            .Gives(StatusCodes.Status202Accepted, "application/json", "Accepted: where the entry stands.", Entry);
        o2c.MapGet("/controls", List).WithName("ListControls").WithSummary("Events of authority, newest first; Accept: text/csv gives all of them as a file")
            .Gives(StatusCodes.Status200OK, "application/json", "The events.", "controls", "total");
        o2c.MapGet("/controls/{seq:long}", Get).WithName("GetControl").WithSummary("One event of authority and where it stands")
            .Gives(StatusCodes.Status200OK, "application/json", "The event.", Entry);
        ValidatorEndpoints.Map(o2c);
        RequestEndpoints.Map(o2c);
        ObjectEndpoints.Map(o2c);
        ConfigurationEndpoints.Map(o2c);
        WaitingEndpoint.Map(o2c);
        o2c.MapGet("/streams/{stream}", Version).WithName("GetStreamVersion").WithSummary("The version that the signers of the next event name")
            .Gives(StatusCodes.Status200OK, "application/json", "The version.", "stream", "version");
    }

    /// <summary>What O2C needs beside the endpoints: drafts, and how they become acts.</summary>
    public static void AddO2C(this IServiceCollection services)
    {
        services.AddSingleton<RequestStore>();
        services.AddSingleton<ControlRequests>();
    }

    private static async Task<IResult> Version(string stream, IEventStore store, CancellationToken cancellation) => Json.Ok(new JsonObject
    {
        ["stream"] = stream, ["version"] = (await store.StreamVersions([stream], cancellation)).GetValueOrDefault(stream),
    });

    // Body: {type, stream, expectedVersion, data}; data holds the authorization.
    private static async Task<IResult> Post(HttpRequest request, ControlRequests requests, ControlLog log, LedgerHead head, LedgerOptions options, CancellationToken cancellation)
    {
        const string form = "A control is {type, stream, expectedVersion, data}.";
        var (malformed, json) = await Utf8Body.Object(request, Limits.RecordBytesMax, form, cancellation);
        if (malformed is not null || !Control.TryRead(json, out var control))
        {
            return malformed ?? Problems.From("request-malformed", form);
        }
        var (refusal, entry) = await requests.Enter(control, cancellation);
        if (entry is null)
        {
            return refusal!;
        }
        if (Preference.Wait(request, options.WaitMax) is { } wait)
        {
            await head.WaitSealed(entry.Entry.Seq, wait, cancellation);
        }
        return Json.Status(StatusCodes.Status202Accepted, await log.Describe(entry, cancellation));
    }

    private static async Task<IResult> List(HttpRequest request, HostState state, long? before, int? limit, IEventStore store, ControlLog log, CancellationToken cancellation)
    {
        if (Csv.IsWanted(request))
        {
            return Csv.File(request.HttpContext, await All(state, store, log, cancellation), "controls");
        }
        var controls = new JsonArray();
        foreach (var seq in state.Controls.Where(s => s < (before ?? long.MaxValue)).OrderDescending().Take(Math.Clamp(limit ?? 50, 1, PageMax)))
        {
            if (await store.ReadAll(seq, 1, cancellation) is [var entry])
            {
                controls.Add(await log.Describe(entry, cancellation));
            }
        }
        return Json.Ok(new JsonObject { ["controls"] = controls, ["total"] = state.Controls.Count });
    }

    private static async Task<List<JsonObject>> All(HostState state, IEventStore store, ControlLog log, CancellationToken cancellation)
    {
        var all = new List<JsonObject>();
        foreach (var seq in state.Controls)
        {
            if (await store.ReadAll(seq, 1, cancellation) is [var entry])
            {
                all.Add(await log.Describe(entry, cancellation));
            }
        }
        return all;
    }

    private static async Task<IResult> Get(long seq, IEventStore store, ControlLog log, CancellationToken cancellation) =>
        seq > 0 && await store.ReadAll(seq, 1, cancellation) is [var entry] && EventTable.Types.GetValueOrDefault(entry.Entry.Type) == Proof.Authorization
            ? Json.Ok(await log.Describe(entry, cancellation))
            : Problems.From("seq-unknown", $"Entry {seq} is not an event of authority.");
}
