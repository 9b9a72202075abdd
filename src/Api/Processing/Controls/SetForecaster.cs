using System.Globalization;
using System.Text.Json;
using EventLedger.Api.Host;
using EventLedger.Api.Http;
using EventLedger.Api.Processing.Sealing;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using EventLedger.Wire;

namespace EventLedger.Api.Processing.Controls;

/// <summary>Asks the validators before a change of their set is let through: one that would stop the chain could not be taken back by the chain.</summary>
public sealed class SetForecaster(IEventStore store, HostState state, LedgerHead head, LedgerSets sets, Validators validators)
{
    /// <summary>How many blocks a validator may lie behind and still count: fewer than it fetches in the time that a change takes.</summary>
    public const int BlocksBehindMax = 8;

    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMilliseconds(500);

    /// <summary>What the ledger rules say of a change to <c>[{kid, power}, …]</c>, and else what it would lead to.</summary>
    /// <param name="members">As in the event's data.</param>
    /// <param name="cancellation">Stops asking.</param>
    /// <returns>A refusal, or null; the forecast is there unless the rules refuse the set itself.</returns>
    public async Task<(IResult? Refusal, SetForecast? Forecast)> Look(JsonElement members, CancellationToken cancellation)
    {
        await state.FoldTo((await store.Head(cancellation)).Seq, cancellation);
        var roll = state.Registry.Roll;
        // A change that is accepted but not yet named by a header is not in force when the next one would be sealed.
        if (roll.Set.Hash != head.Header.NextValidators)
        {
            return (Refusal.Of(RejectionCode.SetPending).ToResult(), null);
        }
        if (roll.Problem(members, out var next) is { } code)
        {
            return (Refusal.Of(code).ToResult(), null);
        }
        await sets.Load(cancellation);
        var forecast = await Ask(next!, cancellation);
        if (forecast.Halts)
        {
            // One that is slow to answer once is not offline: nobody is refused for that.
            await Task.Delay(AskAgainAfter, cancellation);
            forecast = await Ask(next!, cancellation);
        }
        return (forecast.Halts ? Halts(forecast) : null, forecast);
    }

    private async Task<SetForecast> Ask(ValidatorRoll next, CancellationToken cancellation)
    {
        var health = await validators.Health(cancellation);
        return new(next.Set, [.. next.In(SeatState.Seated).Select(i => new SetForecast.Seat(i.Validator.Name, i.Kid, i.Validator.Member.Power, Problem(i.Kid, health)))]);
    }

    private static IResult Halts(SetForecast forecast)
    {
        var json = forecast.ToJson();
        return Problems.From("set-would-halt", $"Refused: {forecast.Text}.", [.. json.Select(m => (m.Key, m.Value?.DeepClone()))]);
    }

    private string? Problem(string kid, IEnumerable<(ValidatorClient From, HealthReply? Reply)> health)
    {
        if (health.FirstOrDefault(h => h.Reply?.Kids.Contains(kid) == true).Reply is not { } told)
        {
            return sets.Roll.Known.ContainsKey(kid) && health.Any(h => h.Reply is not null && h.From.Validator.Name == sets.NameOf(kid)) ? "its validator does not hold this key" : "does not answer";
        }
        var behind = head.Header.Height - told.Height;
        return told.Problem.Length > 0 ? told.Problem
            : behind > BlocksBehindMax ? string.Create(CultureInfo.InvariantCulture, $"is {behind} blocks behind")
            : told.Observing && told.Kids.Any(k => sets.At(head.Header.Height + 1).Find(k) is not null) ? "only observes"
            : null;
    }
}
