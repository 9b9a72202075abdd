using System.Text.Json;
using EventLedger.Domain.Ledger;

namespace EventLedger.Domain.Controlling;

/// <summary>The entity that an act of control is routed to: its reference point.</summary>
public enum ControlPoint
{
    /// <summary>Controlling to representation: sources, keys, formats.</summary>
    C2R,

    /// <summary>Controlling to processing: people who control it, parameters, validators.</summary>
    C2P,

    /// <summary>Controlling to provisioning: organisations, applications, grants, directory, services.</summary>
    C2S,
}

/// <summary>One act of control.</summary>
/// <param name="Operation">What is done, such as <c>suspend</c>.</param>
/// <param name="Type">To what, such as <c>source</c>.</param>
/// <param name="Event">The event that it becomes.</param>
/// <param name="Point">Where it goes.</param>
/// <param name="TakesReason">Whether the event keeps the reason.</param>
public sealed record ControlAct(string Operation, string Type, string Event, ControlPoint Point, bool TakesReason = false);

/// <summary>What operators may ask for, and through which reference point it goes. Source: ITU-T Y.4561 (08/2020) 7.3.7 to 7.3.9, 8.8.</summary>
public static class ControlTable
{
    /// <summary>Every act.</summary>
    public static IReadOnlyList<ControlAct> Acts { get; } =
    [
        new("approve", "source", EventTable.SourceApproved, ControlPoint.C2R), new("suspend", "source", EventTable.SourceSuspended, ControlPoint.C2R, true),
        new("reinstate", "source", EventTable.SourceReinstated, ControlPoint.C2R, true), new("retire", "source", EventTable.SourceRetired, ControlPoint.C2R, true),
        new("profile", "source", EventTable.SourceProfiled, ControlPoint.C2R),
        new("add", "key", EventTable.KeyAdded, ControlPoint.C2R), new("revoke", "key", EventTable.KeyRevoked, ControlPoint.C2R, true),
        new("register", "format", EventTable.FormatRegistered, ControlPoint.C2R), new("retire", "format", EventTable.FormatRetired, ControlPoint.C2R, true),
        new("register", "organisation", EventTable.OrganisationRegistered, ControlPoint.C2S), new("change", "organisation", EventTable.OrganisationChanged, ControlPoint.C2S),
        new("approve", "application", EventTable.ApplicationApproved, ControlPoint.C2S), new("suspend", "application", EventTable.ApplicationSuspended, ControlPoint.C2S, true),
        new("reinstate", "application", EventTable.ApplicationReinstated, ControlPoint.C2S, true), new("retire", "application", EventTable.ApplicationRetired, ControlPoint.C2S, true),
        new("open", "subscription", EventTable.SubscriptionOpened, ControlPoint.C2S), new("close", "subscription", EventTable.SubscriptionClosed, ControlPoint.C2S, true),
        new("issue", "grant", EventTable.GrantIssued, ControlPoint.C2S), new("revoke", "grant", EventTable.GrantRevoked, ControlPoint.C2S, true),
        new("set", "directory", EventTable.DirectorySet, ControlPoint.C2S), new("remove", "directory", EventTable.DirectoryRemoved, ControlPoint.C2S, true),
        new("transfer", "directory", EventTable.OwnershipTransferred, ControlPoint.C2S), new("set", "service", EventTable.ServiceSet, ControlPoint.C2S),
        new("set", "quota", EventTable.QuotaSet, ControlPoint.C2S),
        new("bind", "role", EventTable.RoleBound, ControlPoint.C2P), new("unbind", "role", EventTable.RoleUnbound, ControlPoint.C2P, true),
        new("set", "parameter", EventTable.ParameterSet, ControlPoint.C2P, true), new("invite", "validator", EventTable.ValidatorInvited, ControlPoint.C2P),
        new("withdraw", "validator", EventTable.ValidatorWithdrawn, ControlPoint.C2P, true), new("set", "validator", EventTable.ValidatorSetChanged, ControlPoint.C2P, true),
    ];

    /// <summary>The act of this name; null when there is none.</summary>
    public static ControlAct? Find(string operation, string type) => Acts.FirstOrDefault(a => a.Operation == operation && a.Type == type);

    /// <summary>The act that an event came from; null when nobody can ask for it.</summary>
    public static ControlAct? Of(string eventType) => Acts.FirstOrDefault(a => a.Event == eventType);

    /// <summary>The stream that the event belongs to; null when its data names none.</summary>
    /// <param name="act">The act.</param>
    /// <param name="data">The event's data.</param>
    /// <param name="registry">Who owns a key.</param>
    public static string? StreamOf(ControlAct act, JsonElement data, Registry registry) => (act.Event, data) switch
    {
        (EventTable.SourceApproved or EventTable.KeyAdded, _) =>
            Text(data, "request") is { } jwt && SourceRequest.TryParse(jwt, out var request, out _) ? EventTable.SourceStream(request.Iss) : null,
        (EventTable.ApplicationApproved, _) =>
            Text(data, "request") is { } jwt && ApplicationRequest.TryParse(jwt, out var request, out _) ? EventTable.ApplicationStream(request.Uri) : null,
        (EventTable.KeyRevoked, _) => Text(data, "kid") is { } kid && registry.Keys.TryGetValue(kid, out var key) ? registry.StreamOf(key) : null,
        (EventTable.FormatRegistered, _) => data.TryGetProperty("format", out var format) && format.ValueKind == JsonValueKind.Object && Text(format, "id") is { } id
            ? EventTable.FormatStream(id) : null,
        (EventTable.FormatRetired, _) => Text(data, "id") is { } id ? EventTable.FormatStream(id) : null,
        (_, _) when act.Type == "source" => Text(data, "iss") is { } iss ? EventTable.SourceStream(iss) : null,
        (_, _) when act.Type is "application" or "subscription" => Text(data, "uri") is { } uri ? EventTable.ApplicationStream(uri) : null,
        (_, _) when act.Type == "role" => Text(data, "pseudonym") is { } pseudonym ? EventTable.RoleStream(pseudonym) : null,
        (_, _) when act.Type == "validator" => EventTable.ValidatorStream,
        (_, _) when act.Type == "parameter" => EventTable.ParameterStream,
        _ => Text(data, "id") is { } id ? EventTable.StreamOf(act.Event, id) : null,
    };

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
