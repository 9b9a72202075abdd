using System.Globalization;
using EventLedger.Api.Doors;
using EventLedger.Api.Host;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;

namespace EventLedger.Api.Provisioning;

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
