using System.Text.Json.Nodes;
using EventLedger.Domain.Ledger;

namespace EventLedger.Web.Staff.Watch;

/// <summary>How an act of supervision is asked for, in the words of people.</summary>
/// <param name="Type">Event type.</param>
/// <param name="Title">The page's heading.</param>
/// <param name="Path">Address below <c>/v2m/v1</c> that takes it; <c>{0}</c> stands for what it is about.</param>
/// <param name="Back">The list that it belongs to.</param>
/// <param name="Fields">What must be known.</param>
public sealed record SuperviseForm(string Type, string Title, string Path, string Back, params IReadOnlyList<ActField> Fields)
{
    private const string Kinds = "silence|reject-rate|lag|stall|evidence|key-expiry";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<SuperviseForm> All { get; } =
    [
        new(EventTable.AuditOrdered, "Order an audit", "audits", "/staff/audits", new("id", "Name of the audit", Hint: "Lower-case letters, digits and hyphens; it stays for ever."),
            new("from", "First entry", "number"), new("to", "Last entry", "number", "0 is the newest at the time of the order."),
            new("source", "Only this source", Hint: "Its URI.", Needed: false), new("format", "Only this type", Hint: "A format's id.", Needed: false),
            new("size", "Draw so many", "number", "Nothing here checks all of them.", false), new("seedHeight", "By the hash of block", "number", "A block that is not there yet, so that nobody can choose what is drawn.", false)),
        new(EventTable.AuditClosed, "End an audit", "audits/{0}/close", "/staff/audits", new("id", "Audit"), new("outcome", "Outcome", "long", "In a sentence or two; everybody can read it.")),
        new(EventTable.ReportSealed, "Sign an audit's report", "audits/{0}/report", "/staff/audits", new ActField("id", "Audit")),
        new(EventTable.FindingOpened, "Open a finding", "findings", "/staff/findings", new("id", "Name of the finding", Hint: "Lower-case letters, digits and hyphens; it stays for ever."),
            new("kind", "Kind", "irregular|late|incomplete|wrong|access|other"), new("text", "What was found", "long", "Say it so that somebody else can look at the same. Everybody can read it."),
            new("about", "Entry that it is about", "number", "Its number in the log.", false)),
        new(EventTable.FindingNoted, "Add a note", "findings/{0}/notes", "/staff/findings", new("id", "Finding"), new("text", "Note", "long", "Everybody can read it.")),
        new(EventTable.FindingClosed, "Close a finding", "findings/{0}/close", "/staff/findings", new("id", "Finding"), new("outcome", "Outcome", "long", "What came of it. Everybody can read it.")),
        new(EventTable.AlertAcknowledged, "Take an alert on", "alerts/{0}/acknowledgement", "/staff/alerts", new("id", "Alert"), new("text", "What is done about it", "long", "Everybody can read it.")),
        new(EventTable.AlertRuleSet, "Set an alert rule", "rules", "/staff/alerts", new("id", "Name of the rule", Hint: "Lower-case letters, digits and hyphens. A rule of this name is replaced."),
            new("kind", "Call when", Kinds), new("threshold", "From", "number", "Seconds for silence and stall, thousandths for rejects, entries for lag, pieces of evidence, or days before a key ends."),
            new("target", "Only this source", Hint: "Its URI.", Needed: false), new("windowSeconds", "Over so many seconds", "number", "For silence and rejects; an hour where nothing stands here.", false)),
        new(EventTable.AlertRuleRemoved, "Remove an alert rule", "rules", "/staff/alerts", new("id", "Rule"), new("reason", "Why", "text", "Everybody can read it.")),
    ];

    /// <summary>The form of an act; null when there is none.</summary>
    public static SuperviseForm? Of(string type) => All.FirstOrDefault(f => f.Type == type);

    /// <summary>Where the act is sent.</summary>
    public string Address(string id) => "/v2m/v1/" + string.Format(System.Globalization.CultureInfo.InvariantCulture, Path, Uri.EscapeDataString(id));

    /// <summary>Where its outcome is seen.</summary>
    public string Done(string id) => Type switch
    {
        EventTable.AuditOrdered or EventTable.AuditClosed or EventTable.ReportSealed => $"/staff/audits/{Uri.EscapeDataString(id)}",
        EventTable.FindingOpened or EventTable.FindingNoted or EventTable.FindingClosed => $"/staff/findings/{Uri.EscapeDataString(id)}",
        _ => Back,
    };

    /// <summary>The event's data that the answers make, without the signature.</summary>
    /// <param name="answers">What was typed.</param>
    /// <param name="digest">Digest of the audit's report, for the acts that name it.</param>
    public JsonObject Data(IReadOnlyDictionary<string, string> answers, string? digest)
    {
        var data = new JsonObject();
        foreach (var field in Fields)
        {
            if (answers.GetValueOrDefault(field.Name)?.Trim() is { Length: > 0 } text)
            {
                data[field.Name] = field.Kind == "number" && long.TryParse(text, out var number) ? number : text;
            }
        }
        switch (Type)
        {
            case EventTable.AuditOrdered:
                data["range"] = new JsonObject { ["from"] = Taken(data, "from"), ["to"] = Taken(data, "to") };
                if (Taken(data, "size") is { } size)
                {
                    data["sample"] = new JsonObject { ["seedHeight"] = Taken(data, "seedHeight"), ["size"] = size };
                }
                data.Remove("seedHeight");
                break;
            case EventTable.AuditClosed:
                data["digest"] = digest ?? "";
                break;
            case EventTable.ReportSealed:
                (data["of"], data["digest"]) = (data["id"]?.DeepClone(), digest ?? "");
                break;
            case EventTable.FindingOpened when Taken(data, "about") is { } entry:
                data["about"] = new JsonObject { ["seq"] = entry };
                break;
        }
        return data;
    }

    private static JsonNode? Taken(JsonObject data, string name)
    {
        var value = data[name];
        data.Remove(name);
        return value?.DeepClone();
    }
}
