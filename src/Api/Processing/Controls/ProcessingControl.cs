using System.Globalization;
using EventLedger.Api.Doors;
using EventLedger.Api.Host;
using EventLedger.Api.Processing.Sealing;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;

namespace EventLedger.Api.Processing.Controls;

/// <summary>Processing under control.</summary>
public sealed class ProcessingControl(ControlLog log, SetForecaster forecaster, LedgerHead head, ValidatorHealth health) : IC2P
{
    /// <inheritdoc/>
    public async Task<ControlForecast> Forecast(ControlChange change, CancellationToken cancellation)
    {
        if (change.Act.Event == EventTable.ValidatorSetChanged)
        {
            var (refusal, forecast) = await forecaster.Look(change.Data.GetProperty("members"), cancellation);
            return new(forecast?.Text ?? "The ledger rules refuse the set.", refusal, forecast?.ToJson());
        }
        if (change.Act.Event == EventTable.ParameterSet)
        {
            var (now, height) = (head.Header.Height, change.Data.GetProperty("effectiveHeight").GetInt64());
            var (old, next) = (LedgerParameters.At(change.Before.Parameters, height), LedgerParameters.At(change.After.Parameters, height));
            return new(string.Create(CultureInfo.InvariantCulture, $"In force from block {height} on, which is {height - now} after the present one; at least one must lie between, or the act is rejected."),
                Detail: new() { ["height"] = now, ["effectiveHeight"] = height, ["before"] = old.ToJson(), ["after"] = next.ToJson() });
        }
        var people = change.After.Roles.Count(r => r.Role == Role.Operator && change.After.HasRole(r.Pseudonym, r.Role, head.Header.Time));
        return new(string.Create(CultureInfo.InvariantCulture, $"After this {people} people may sign as operators."), Detail: new() { ["operators"] = people });
    }

    /// <inheritdoc/>
    public Task<(IResult? Refusal, StoredEntry? Entry)> Act(Control control, CancellationToken cancellation) =>
        log.Enter(control, cancellation, control.Type == EventTable.ValidatorSetChanged ? async () => (await forecaster.Look(control.Data.GetProperty("members"), cancellation)).Refusal : null);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ValidatorView>> Validators(CancellationToken cancellation) => health.Health(cancellation);
}
