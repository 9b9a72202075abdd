namespace EventLedger.Web.Staff;

/// <summary>The portal's places, by whom they are for: the menu, the home page and the sheet of shortcuts all come from here.</summary>
/// <param name="Group">Heading in the menu.</param>
/// <param name="Role">Whose it is; null for everybody who has signed in.</param>
/// <param name="Path">Address.</param>
/// <param name="Name">What it is called.</param>
/// <param name="About">What it is for, in one line.</param>
public sealed record Place(string Group, string? Role, string Path, string Name, string About)
{
    /// <summary>All of them, in the order of a day's work.</summary>
    public static IReadOnlyList<Place> All { get; } =
    [
        new("Desk", Domain.Ledger.Role.Registrar, "/staff/desk", "Work queue", "Today's cases and what waits for you"),
        new("Desk", Domain.Ledger.Role.Registrar, "/staff/desk/issue", "Issue a licence", "One question a page, then check and sign"),
        new("Desk", Domain.Ledger.Role.Registrar, "/staff/desk/batch", "Renew many", "From a spreadsheet, with a preview and an answer for each row"),
        new("Desk", Domain.Ledger.Role.Registrar, "/staff/desk/counter", "Counter check", "Is this paper genuine? Scan or type"),
        new("Control", Domain.Ledger.Role.Operator, "/staff/health", "Health", "One page for eight o'clock: what runs, what waits, what needs you"),
        new("Control", Domain.Ledger.Role.Operator, "/staff/requests", "Acts", "Drafts that wait for a signature, and what was done"),
        new("Control", Domain.Ledger.Role.Operator, "/staff/sources", "Sources", "Who may send records; requests, rates, quarantine"),
        new("Control", Domain.Ledger.Role.Operator, "/staff/formats", "Formats", "What a record looks like; try a schema on samples"),
        new("Control", Domain.Ledger.Role.Operator, "/staff/directory", "Directory", "Sectors, services, data sets, fields and who owns them"),
        new("Control", Domain.Ledger.Role.Operator, "/staff/grants", "Grants", "Who may read what, for which purpose, until when"),
        new("Control", Domain.Ledger.Role.Operator, "/staff/people", "People", "Roles, organisations and applications"),
        new("Control", Domain.Ledger.Role.Operator, "/staff/validators", "Validators", "Who seals; what a change would lead to"),
        new("Control", Domain.Ledger.Role.Operator, "/staff/parameters", "Parameters", "Block size, heartbeat and time-outs, from a height on"),
        new("Control", Domain.Ledger.Role.Operator, "/staff/keys", "Keys", "Every key, and when it runs out"),
        new("Control", Domain.Ledger.Role.Operator, "/staff/configuration", "Configuration", "Take it with you, or bring this ledger to another one"),
        new("Supervision", Domain.Ledger.Role.Supervisor, "/staff/live", "Live", "Each event as it happens; pause and go on without loss"),
        new("Supervision", Domain.Ledger.Role.Supervisor, "/staff/boards", "Boards", "Collection, sealing and delivery over one time range"),
        new("Supervision", Domain.Ledger.Role.Supervisor, "/staff/times", "Time sequence", "Order, gaps and late records of a period"),
        new("Supervision", Domain.Ledger.Role.Supervisor, "/staff/audits", "Audits", "Check a range or a sample, and sign the report"),
        new("Supervision", Domain.Ledger.Role.Supervisor, "/staff/consistency", "Consistency", "Proof that nothing was removed between two dates"),
        new("Supervision", Domain.Ledger.Role.Supervisor, "/staff/findings", "Findings", "What was found, followed until it is closed"),
        new("Supervision", Domain.Ledger.Role.Supervisor, "/staff/alerts", "Alerts", "What needs attention, and the rules that say so"),
        new("Supervision", Domain.Ledger.Role.Supervisor, "/staff/accesses", "Accesses", "Who read which protected field, and what for"),
        new("Supervision", Domain.Ledger.Role.Supervisor, "/staff/scorecards", "Scorecards", "How well each source does"),
        new("Supervision", Domain.Ledger.Role.Supervisor, "/staff/evidence", "Evidence", "What validators were caught at, with both signatures"),
        new("Data", null, "/staff/catalogue", "Catalogue", "What can be asked for"),
        new("Data", null, "/staff/query", "Query", "Build a question from a format; take all rows with you"),
        new("Data", null, "/staff/queries", "Saved queries", "Questions that you kept or that colleagues share"),
        new("Data", null, "/staff/lineage", "Lineage", "Where a record comes from and what became of it"),
        new("Data", null, "/staff/access", "Access", "What you may read, and what you asked for"),
        new("Data", null, "/staff/webhooks", "Webhooks", "Be told what is sealed"),
    ];
}
