using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Controlling;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;

namespace EventLedger.Api.Doors;

/// <summary>An act of control, before anybody has signed it.</summary>
/// <param name="Act">What it is.</param>
/// <param name="Data">The event's data without authorization.</param>
/// <param name="Before">Authority as it stands.</param>
/// <param name="After">Authority as it would be.</param>
public sealed record ControlChange(ControlAct Act, JsonElement Data, Registry Before, Registry After);

/// <summary>What the entity that is controlled expects of an act.</summary>
/// <param name="Text">In one line for people.</param>
/// <param name="Refusal">Why the host would not take it in even when it is signed; null when it would.</param>
/// <param name="Detail">Figures behind the line; null for none.</param>
public sealed record ControlForecast(string Text, IResult? Refusal = null, JsonObject? Detail = null);

/// <summary>C2R, from Controlling to Representation: sources, keys and formats. Source: ITU-T Y.4561 (08/2020) 7.3.9.</summary>
public interface IC2R
{
    /// <summary>What the act would lead to.</summary>
    Task<ControlForecast> Forecast(ControlChange change, CancellationToken cancellation);

    /// <summary>Takes the signed act in.</summary>
    Task<(IResult? Refusal, StoredEntry? Entry)> Act(Control control, CancellationToken cancellation);
}

/// <summary>C2P, from Controlling to Processing: people with roles, parameters of the consensus, validators. Source: ITU-T Y.4561 (08/2020) 7.3.8.</summary>
public interface IC2P
{
    /// <summary>What the act would lead to.</summary>
    Task<ControlForecast> Forecast(ControlChange change, CancellationToken cancellation);

    /// <summary>Takes the signed act in.</summary>
    Task<(IResult? Refusal, StoredEntry? Entry)> Act(Control control, CancellationToken cancellation);

    /// <summary>The validators as they are now: how far each has come, and so from where on an act holds.</summary>
    Task<IReadOnlyList<ValidatorView>> Validators(CancellationToken cancellation);
}

/// <summary>C2S, from Controlling to Provisioning: organisations, applications, grants, the directory, services. Source: ITU-T Y.4561 (08/2020) 7.3.7.</summary>
public interface IC2S
{
    /// <summary>What the act would lead to.</summary>
    Task<ControlForecast> Forecast(ControlChange change, CancellationToken cancellation);

    /// <summary>Takes the signed act in.</summary>
    Task<(IResult? Refusal, StoredEntry? Entry)> Act(Control control, CancellationToken cancellation);
}
