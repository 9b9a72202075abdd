using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>What belongs to a source beside its keys.</summary>
/// <param name="Organisation">Whose it is; null when nobody said.</param>
/// <param name="Contact">Whom to ask; it is public.</param>
/// <param name="ScheduleSeconds">How often it is expected to submit, in seconds from 1; null for no schedule.</param>
/// <param name="RatePerMinute">How many records a minute are expected at most, from 1; null for no bound.</param>
/// <param name="Formats">The only <c>vct</c> that it may use; null for all that admit it.</param>
/// <param name="Quarantined">Whether its records are sealed and not served.</param>
/// <param name="Assertion">Whether its records must bear a registrar's assertion.</param>
public sealed record SourceProfile(string? Organisation, string? Contact, long? ScheduleSeconds, long? RatePerMinute, IReadOnlyList<string>? Formats, bool Quarantined,
    bool Assertion)
{
    /// <summary>The profile as its event has it; what nobody said is left out.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject();
        foreach (var (name, value) in new (string, JsonNode?)[]
        {
            ("organisation", Organisation), ("contact", Contact), ("scheduleSeconds", ScheduleSeconds), ("ratePerMinute", RatePerMinute),
            ("formats", Formats is null ? null : new JsonArray([.. Formats.Select(f => JsonValue.Create(f))])), ("quarantined", Quarantined), ("assertion", Assertion),
        })
        {
            if (value is not null)
            {
                json[name] = value;
            }
        }
        return json;
    }

    internal static bool TryRead(JsonElement json, [NotNullWhen(true)] out SourceProfile? profile)
    {
        profile = null;
        long schedule = 0, rate = 0;
        IReadOnlyList<string>? formats = null;
        if (!Members.TryRead(json, out var m, "assertion", "contact?", "formats?", "organisation?", "quarantined", "ratePerMinute?", "scheduleSeconds?")
            || !m.TryFlag("assertion", out var assertion) || !m.TryFlag("quarantined", out var quarantined) || !m.IsTextOrAbsent("contact") || !m.IsTextOrAbsent("organisation")
            || (m.Has("scheduleSeconds") && !m.TryLong("scheduleSeconds", 1, out schedule)) || (m.Has("ratePerMinute") && !m.TryLong("ratePerMinute", 1, out rate))
            || (m.Has("formats") && !m["formats"].IsTexts(out formats)))
        {
            return false;
        }
        profile = new(m.Text("organisation"), m.Text("contact"), schedule == 0 ? null : schedule, rate == 0 ? null : rate, formats, quarantined, assertion);
        return true;
    }
}

/// <summary>An organisation.</summary>
/// <param name="Id">1 to 64 lowercase letters, digits and inner hyphens.</param>
/// <param name="Name">What people call it, 1 to 200 characters.</param>
/// <param name="Contact">Whom to ask; null when nobody said.</param>
/// <param name="Jurisdiction">Whose law it is under; null when nobody said.</param>
public sealed record Organisation(string Id, string Name, string? Contact, string? Jurisdiction);

/// <summary>A registered application.</summary>
/// <param name="Uri">Its URI.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Organisation">Whose it is.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Scopes">What it may ask tokens for.</param>
public sealed record Application(string Uri, string Name, string Organisation, SourceState State, IReadOnlyList<string> Scopes);

/// <summary>An application's use of a service.</summary>
/// <param name="Uri">The application.</param>
/// <param name="Id">Its name for the subscription.</param>
/// <param name="Service">The service.</param>
/// <param name="Scopes">What it may do there.</param>
/// <param name="Purpose">What for.</param>
/// <param name="NotAfter">Until when.</param>
/// <param name="Closed">Whether it was ended before.</param>
public sealed record Subscription(string Uri, string Id, string Service, IReadOnlyList<string> Scopes, string Purpose, LedgerTime NotAfter, bool Closed);

/// <summary>What an organisation may read that is not public.</summary>
/// <param name="Id">The grant's id.</param>
/// <param name="Party">The organisation.</param>
/// <param name="Dataset">A format's id, or a node of the directory whose formats below it are meant.</param>
/// <param name="Fields">The fields, at least one.</param>
/// <param name="Purpose">What for.</param>
/// <param name="NotAfter">Until when.</param>
/// <param name="Right">The right to use as ODRL in JSON; null where none is stated.</param>
/// <param name="Revoked">Whether it was taken back.</param>
public sealed record Grant(string Id, string Party, string Dataset, IReadOnlyList<string> Fields, string Purpose, LedgerTime NotAfter, string? Right, bool Revoked);

/// <summary>A node of the directory.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">sector, service, dataset or field.</param>
/// <param name="Parent">The node above; null at the top.</param>
/// <param name="Title">What people call it, 1 to 200 characters.</param>
/// <param name="Description">More words; null for none.</param>
/// <param name="Owner">The organisation that owns it; null while nobody does.</param>
/// <param name="Publisher">The organisation that publishes it; null when nobody said.</param>
/// <param name="Format">The format of its records, by id; null where it has none of its own.</param>
/// <param name="Right">The right to use as ODRL in JSON; null where none is stated.</param>
/// <param name="ReviewBy">When somebody should look at it again; null for never.</param>
public sealed record DirectoryNode(string Id, string Kind, string? Parent, string Title, string? Description, string? Owner, string? Publisher, string? Format,
    string? Right, LedgerTime? ReviewBy)
{
    /// <summary>How narrow a kind is, 0 for a sector to 3 for a field; -1 for no kind. A node lies below one of a lower number.</summary>
    public static int RankOf(string kind) => kind switch { "sector" => 0, "service" => 1, "dataset" => 2, "field" => 3, _ => -1 };
}

/// <summary>A service that data users are offered.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Title">What people call it, 1 to 200 characters.</param>
/// <param name="Enabled">Whether it is open.</param>
/// <param name="Profiles">Names of the forms in which it is offered.</param>
/// <param name="Quota">How much anybody may use of it; null for no bound.</param>
public sealed record Service(string Id, string Title, bool Enabled, IReadOnlyList<string> Profiles, Quota? Quota);

/// <summary>How much may be used in how long.</summary>
/// <param name="Requests">Requests, 0 to 1 000 000 000.</param>
/// <param name="WindowSeconds">Seconds, 1 to 2 678 400.</param>
public sealed record Quota(long Requests, long WindowSeconds)
{
    internal const long RequestsMax = 1_000_000_000, WindowSecondsMax = 31 * 86_400;
}
