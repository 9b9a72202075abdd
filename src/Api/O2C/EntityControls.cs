using System.Globalization;
using System.Text.Json.Nodes;
using EventLedger.Api.Doors;
using EventLedger.Api.Host;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;

namespace EventLedger.Api.O2C;

/// <summary>Representation under control.</summary>
public sealed class RepresentationControl(ControlLog log) : IC2R
{
    /// <inheritdoc/>
    public Task<ControlForecast> Forecast(ControlChange change, CancellationToken cancellation)
    {
        var (before, after) = (change.Before, change.After);
        var stopped = before.Sources.Values.Where(s => s.State == SourceState.Active && after.Sources[s.Iss].State != SourceState.Active).Select(s => s.Iss).ToList();
        var pinned = after.Sources.Values.Where(s => !ReferenceEquals(s.Profile, before.Sources.GetValueOrDefault(s.Iss)?.Profile)).Select(s => s.Iss).ToList();
        var retired = after.Formats.Values.Where(f => f.Retired && before.Formats.TryGetValue(f.Format.Vct, out var was) && !was.Retired).Select(f => f.Format.Vct).ToList();
        return Task.FromResult(new ControlForecast(
            stopped.Count > 0 ? $"{string.Join(", ", stopped)} submits nothing from then on; what is sealed stays."
            : retired.Count > 0 ? $"No record of {string.Join(", ", retired)} is taken in from then on; what is sealed stays."
            : pinned.Count > 0 ? $"Submissions of {string.Join(", ", pinned)} are held to the new profile from then on."
            : "In force at once."));
    }

    /// <inheritdoc/>
    public Task<(IResult? Refusal, StoredEntry? Entry)> Act(Control control, CancellationToken cancellation) => log.Enter(control, cancellation);
}

/// <summary>Processing under control.</summary>
public sealed class ProcessingControl(ControlLog log, SetForecaster forecaster, LedgerHead head) : IC2P
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
                Detail: new() { ["height"] = now, ["effectiveHeight"] = height, ["before"] = ToJson(old), ["after"] = ToJson(next) });
        }
        var people = change.After.Roles.Count(r => r.Role == Role.Operator && change.After.HasRole(r.Pseudonym, r.Role, head.Header.Time));
        return new(string.Create(CultureInfo.InvariantCulture, $"After this {people} people may sign as operators."), Detail: new() { ["operators"] = people });
    }

    /// <inheritdoc/>
    public Task<(IResult? Refusal, StoredEntry? Entry)> Act(Control control, CancellationToken cancellation) => log.Enter(control, cancellation);

    /// <summary>Parameters as JSON; 0 for a time-out that each validator chooses.</summary>
    public static JsonObject ToJson(LedgerParameters p) => new()
    {
        [LedgerParameters.BlockEntries] = p.BlockEntriesMax, [LedgerParameters.Heartbeat] = p.HeartbeatSeconds, [LedgerParameters.RoundTimeout] = p.RoundTimeoutMs,
    };
}

/// <summary>Provisioning under control.</summary>
public sealed class ProvisioningControl(ControlLog log, LedgerHead head) : IC2S
{
    /// <inheritdoc/>
    public Task<ControlForecast> Forecast(ControlChange change, CancellationToken cancellation)
    {
        var (before, after) = (change.Before, change.After);
        var lines = new List<string>();
        foreach (var grant in after.Grants.Values.Where(g => before.Grants.GetValueOrDefault(g.Id)?.Revoked != g.Revoked))
        {
            var also = after.Grants.Values.Any(g => g != grant && !g.Revoked && g.NotAfter >= head.Header.Time && g.Party == grant.Party && g.Dataset == grant.Dataset && grant.Fields.All(g.Fields.Contains));
            lines.Add($"{grant.Party} {(grant.Revoked ? "loses" : "gains")} {string.Join(", ", grant.Fields)} of {grant.Dataset} for {grant.Purpose}"
                + (grant.Revoked ? "" : $" until {grant.NotAfter}") + (also ? "; another grant gives the same, so nothing changes." : "."));
        }
        foreach (var service in before.Services.Values.Where(s => s.Enabled && !after.Services[s.Id].Enabled))
        {
            var open = after.Subscriptions.Values.Count(s => s.Service == service.Id && !s.Closed && s.NotAfter >= head.Header.Time);
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{service.Id} closes; {open} open subscriptions get nothing from it."));
        }
        foreach (var application in before.Applications.Values.Where(a => a.State == SourceState.Active && after.Applications[a.Uri].State != SourceState.Active))
        {
            lines.Add($"{application.Uri} gets no token from then on.");
        }
        return Task.FromResult(new ControlForecast(lines.Count == 0 ? "In force at once." : string.Join(' ', lines)));
    }

    /// <inheritdoc/>
    public Task<(IResult? Refusal, StoredEntry? Entry)> Act(Control control, CancellationToken cancellation) => log.Enter(control, cancellation);
}
