using System.Text.Json.Nodes;
using EventLedger.Api.Doors;
using EventLedger.Api.Host;
using EventLedger.Api.Http;
using EventLedger.Api.OpenApi;
using EventLedger.Domain.Controlling;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;

namespace EventLedger.Api.O2C;

/// <summary>O2C <c>/o2c/v1/validators</c>: who has a seat, who is invited, and what a change would lead to. Source: ITU-T Y.4561 (08/2020) 7.4.</summary>
public static class ValidatorEndpoints
{
    private const int BodyBytesMax = 16_384;

    /// <summary>Maps the group.</summary>
    public static void Map(IEndpointRouteBuilder o2c)
    {
        o2c.MapGet("/validators", List).WithName("ListSeats").WithSummary("Seats and invitations, with the version that the signers of a change name")
            .Gives(StatusCodes.Status200OK, "application/json", "Seats and invitations.", "stream", "version", "pending", "power", "needed", "validators");
        o2c.MapPost("/validators/what-if", WhatIf).WithName("ForecastSet").WithSummary("What a change of the validator set would lead to, with the arithmetic")
            .Gives(StatusCodes.Status200OK, "application/json", "Whether the changed set would seal, with the arithmetic.", "power", "needed");
    }

    private static async Task<IResult> List(IEventStore store, HostState state, LedgerHead head, CancellationToken cancellation)
    {
        await state.FoldTo((await store.Head(cancellation)).Seq, cancellation);
        var roll = state.Registry.Roll;
        return Json.Ok(new JsonObject
        {
            ["stream"] = EventTable.ValidatorStream,
            ["version"] = (await store.StreamVersions([EventTable.ValidatorStream], cancellation)).GetValueOrDefault(EventTable.ValidatorStream),
            ["pending"] = roll.Set.Hash != head.Header.NextValidators,
            ["power"] = roll.Set.Power,
            ["needed"] = roll.Set.Quorum,
            ["validators"] = new JsonArray([.. Enum.GetValues<SeatState>().Where(s => s != SeatState.Gone).SelectMany(roll.In).Select(i => new JsonObject
            {
                ["name"] = i.Validator.Name, ["kid"] = i.Kid, ["address"] = i.Validator.Address, ["state"] = i.State.ToString().ToLowerInvariant(),
                ["power"] = i.State == SeatState.Seated ? i.Validator.Member.Power : 0,
            })]),
        });
    }

    // Body: {members: [{kid, power}]}, ascending by kid.
    private static async Task<IResult> WhatIf(HttpRequest request, IC2P processing, HostState state, CancellationToken cancellation)
    {
        const string form = "A set is {members: [{kid, power}]}, ascending by kid.";
        var (malformed, json) = await Utf8Body.Object(request, BodyBytesMax, form, cancellation);
        if (malformed is not null || !json.TryGetProperty("members", out _) || json.EnumerateObject().Count() != 1)
        {
            return malformed ?? Problems.From("request-malformed", form);
        }
        var registry = state.Registry;
        var forecast = await processing.Forecast(new(ControlTable.Of(EventTable.ValidatorSetChanged)!, json, registry, registry), cancellation);
        return forecast.Refusal ?? Json.Ok(forecast.Detail!);
    }
}
