using EventLedger.Domain.Ledger;

namespace EventLedger.Api.V2M.Live;

/// <summary>What the live feed tells of; the words that a filter names.</summary>
public static class LiveKind
{
    /// <summary>A sealed block.</summary>
    public const string Block = "block";

    /// <summary>An entry that was taken in and belongs to no other kind.</summary>
    public const string Event = "event";

    /// <summary>An entry that says who read protected fields.</summary>
    public const string Access = "access";

    /// <summary>An entry by which the host calls for a supervisor.</summary>
    public const string Alert = "alert";

    /// <summary>How the validators are: a state, of which the newest counts.</summary>
    public const string Health = "health";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Block, Event, Access, Alert, Health];

    /// <summary>The kind of an entry by its type.</summary>
    public static string Of(string type) => type switch
    {
        EventTable.DataAccessed => Access,
        EventTable.FindingRaised or EventTable.AlertRaised or EventTable.AlertCleared => Alert,
        _ => Event,
    };
}
