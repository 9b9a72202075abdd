using EventLedger.Domain.Controlling;
using EventLedger.Domain.Ledger;

namespace EventLedger.Web.Staff;

/// <summary>One question of the form of an act.</summary>
/// <param name="Name">The member of the event's data that it fills.</param>
/// <param name="Label">The question.</param>
/// <param name="Kind"><c>text</c>, <c>long</c>, <c>number</c>, <c>day</c>, <c>list</c> (one a line), <c>json</c>, <c>yes</c>, or choices with <c>|</c> between.</param>
/// <param name="Hint">How to answer it.</param>
/// <param name="Needed">Whether it must be answered.</param>
public sealed record ActField(string Name, string Label, string Kind = "text", string? Hint = null, bool Needed = true);

/// <summary>How an act of control is asked for, in the words of people.</summary>
/// <param name="Operation">What is done.</param>
/// <param name="Type">To what.</param>
/// <param name="Title">The page's heading.</param>
/// <param name="Fields">What must be known.</param>
public sealed record ActForm(string Operation, string Type, string Title, params IReadOnlyList<ActField> Fields)
{
    /// <summary>Whether the ledger takes the act only with a reason.</summary>
    public bool NeedsReason => ControlTable.Find(Operation, Type) is { TakesReason: true, Event: not EventTable.ParameterSet };

    private static readonly ActField Id = new("id", "Id", Hint: "Lower-case letters, digits and hyphens; it stays for ever.");
    private static readonly ActField Source = new("iss", "Source", Hint: "Its URI, such as https://permits.city.example.");
    private static readonly ActField Uri = new("uri", "Application", Hint: "Its URI.");
    private static readonly ActField Request = new("request", "Request", "long", "The signed request, as it was sent.");

    /// <summary>All of them. An act that is not here is drafted with its parameters as JSON.</summary>
    public static IReadOnlyList<ActForm> All { get; } =
    [
        new("approve", "source", "Approve a source", Request),
        new("suspend", "source", "Suspend a source", Source), new("reinstate", "source", "Let a source submit again", Source), new("retire", "source", "Retire a source", Source),
        new("profile", "source", "Change a source's profile", Source, new("profile", "Profile", "json", "assertion, quarantined, organisation, contact, scheduleSeconds, ratePerMinute, formats.")),
        new("add", "key", "Add a key of a source", Request), new("revoke", "key", "Revoke a key", new ActField("kid", "Key", Hint: "Its thumbprint.")),
        new("register", "format", "Register a format version", new ActField("format", "Format", "json", "id, version, title, lifecycle, key, classification, schema.")),
        new("retire", "format", "Retire a format version", new ActField("id", "Format"), new("version", "Version", "number")),
        new("register", "organisation", "Register an organisation", Id, new("name", "Name"), new("contact", "Contact", Needed: false), new("jurisdiction", "Jurisdiction", Needed: false)),
        new("change", "organisation", "Change an organisation", new ActField("id", "Organisation"), new("name", "Name"), new("contact", "Contact", Needed: false), new("jurisdiction", "Jurisdiction", Needed: false)),
        new("approve", "application", "Approve an application", Request, new("scopes", "What it may do", "list", "One scope a line, such as u2s.read.")),
        new("suspend", "application", "Suspend an application", Uri), new("reinstate", "application", "Let an application in again", Uri), new("retire", "application", "Retire an application", Uri),
        new("open", "subscription", "Open a subscription", Uri, Id, new("service", "Service"), new("scopes", "Scopes", "list"), new("purpose", "Purpose"), new("notAfter", "Until", "day")),
        new("close", "subscription", "Close a subscription", Uri, new("id", "Subscription")),
        new("issue", "grant", "Issue a grant", Id, new("party", "Who may read", Hint: "An organisation's id."), new("dataset", "What", Hint: "A format's id or a data set of the directory."),
            new("fields", "Which fields", "list", "One field a line."), new("purpose", "What for", Hint: "One word, such as inspection."), new("notAfter", "Until", "day")),
        new("revoke", "grant", "Revoke a grant", new ActField("id", "Grant")),
        new("set", "directory", "Set a place of the directory", Id, new("kind", "Kind", "sector|service|dataset|field"), new("title", "Title"), new("parent", "Belongs to", Needed: false),
            new("description", "Description", "long", Needed: false), new("owner", "Owner", Hint: "An organisation's id.", Needed: false), new("publisher", "Publisher", Needed: false),
            new("format", "Format", Needed: false), new("reviewBy", "Look at it again by", "day", Needed: false)),
        new("remove", "directory", "Remove a place of the directory", new ActField("id", "Place")),
        new("set", "service", "Set a service", Id, new("title", "Title"), new("enabled", "Is offered", "yes"), new("profiles", "Profiles", "list", Needed: false)),
        new("set", "quota", "Set a quota", new ActField("id", "Service"), new("party", "Whose", Hint: "An organisation's id."), new("requests", "Requests", "number"), new("windowSeconds", "In so many seconds", "number")),
        new("bind", "role", "Give a person a role", new ActField("pseudonym", "Person", Hint: "The pseudonym that stands on their account page."), new("role", "Role", "operator|supervisor|registrar|notary"),
            new("kind", "Kind of key", "passkey|browser|cli"), new("jwk", "Key", "json", "The public key from their account page."), new("organisation", "For which organisation", Needed: false), new("notAfter", "Until", "day", Needed: false)),
        new("unbind", "role", "Take a role away", new ActField("pseudonym", "Person"), new("role", "Role", "operator|supervisor|registrar|notary")),
        new("set", "parameter", "Set a parameter", new ActField("name", "Parameter", "blockEntriesMax|heartbeatSeconds|roundTimeoutMs"), new("value", "Value", "number"), new("effectiveHeight", "From height", "number")),
        new("invite", "validator", "Invite a validator", Request),
        new("withdraw", "validator", "Withdraw an invitation", new ActField("kid", "Key")),
        new("set", "validator", "Change who seals", new ActField("members", "The whole set as it is to be", "json", "[{kid, power}], each with a key that was invited.")),
    ];

    /// <summary>The form of an act; null when there is no such act.</summary>
    public static ActForm? Of(string operation, string type) => All.FirstOrDefault(a => a.Operation == operation && a.Type == type);
}
