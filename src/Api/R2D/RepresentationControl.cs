using EventLedger.Api.Doors;
using EventLedger.Api.Host;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;

namespace EventLedger.Api.R2D;

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
