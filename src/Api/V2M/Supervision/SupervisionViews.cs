using System.Text.Json;
using System.Text.Json.Serialization;
using EventLedger.Domain.Kernel;

namespace EventLedger.Api.V2M.Supervision;

/// <summary>Where a stream stands.</summary>
/// <param name="Stream">Its id.</param>
/// <param name="Version">Entries so far.</param>
public sealed record VersionView(string Stream, long Version);

/// <summary>Findings.</summary>
/// <param name="Items">Newest first.</param>
/// <param name="Next">Address of the next page; null on the last.</param>
public sealed record FindingsView(IReadOnlyList<FindingView> Items, string? Next);

/// <summary>A finding.</summary>
/// <param name="Id">Its name; <c>host-</c> and its entry for what a host raised.</param>
/// <param name="Kind">What kind.</param>
/// <param name="Text">In a supervisor's words; null for what a host raised.</param>
/// <param name="About">What it is about.</param>
/// <param name="Seq">The entry that opened it.</param>
/// <param name="Time">When.</param>
/// <param name="Actor">By whom.</param>
/// <param name="State"><c>raised</c> by a host, <c>open</c> or <c>closed</c>.</param>
/// <param name="Notes">What was noted since, in order.</param>
/// <param name="Closed">How it ended; null while it has not.</param>
public sealed record FindingView(string Id, string Kind, string? Text, JsonElement About, long Seq, LedgerTime Time, string Actor, string State, IReadOnlyList<NoteView> Notes, ClosedView? Closed);

/// <summary>A note.</summary>
public sealed record NoteView(long Seq, string Time, string Actor, string Text);

/// <summary>How something ended.</summary>
public sealed record ClosedView(long Seq, LedgerTime Time, string Actor, string Outcome);

/// <summary>Rules that stand.</summary>
public sealed record RulesView(IReadOnlyList<RuleView> Items);

/// <summary>When hosts shall call.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Kind">A word of <see cref="RuleKind"/>.</param>
/// <param name="Threshold">From when on; the kind says in which unit.</param>
/// <param name="Target">Whom it watches: a source's URI; null for all.</param>
/// <param name="WindowSeconds">Over how long it counts; null for the kind's own.</param>
/// <param name="Seq">The entry that set it.</param>
/// <param name="Actor">By whom.</param>
public sealed record RuleView(string Id, string Kind, long Threshold, string? Target, long? WindowSeconds, long Seq, string Actor);

/// <summary>Kinds of rules.</summary>
public static class RuleKind
{
    /// <summary>A source sent nothing for so many seconds.</summary>
    public const string Silence = "silence";

    /// <summary>Of what a source sent in the window so many thousandths were refused or rejected.</summary>
    public const string RejectRate = "reject-rate";

    /// <summary>So many entries wait for their seal.</summary>
    public const string Lag = "lag";

    /// <summary>No block was sealed for so many seconds.</summary>
    public const string Stall = "stall";

    /// <summary>So many pieces of evidence against validators stand.</summary>
    public const string Evidence = "evidence";

    /// <summary>A key ends in at most so many days.</summary>
    public const string KeyExpiry = "key-expiry";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Silence, RejectRate, Lag, Stall, Evidence, KeyExpiry];
}

/// <summary>Alerts.</summary>
/// <param name="Items">Newest first.</param>
/// <param name="Next">Address of the next page; null on the last.</param>
public sealed record AlertsView(IReadOnlyList<AlertView> Items, string? Next);

/// <summary>An alert.</summary>
/// <param name="Seq">The entry that raised it; as text its id for an acknowledgement.</param>
/// <param name="Rule">The rule that called.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="About">Whom or what it is about.</param>
/// <param name="Time">When it was raised.</param>
/// <param name="Cleared">When the reason was gone; null while it is not.</param>
/// <param name="Acknowledged">Who took it on; null while nobody has.</param>
public sealed record AlertView(long Seq, string Rule, string Kind, string About, LedgerTime Time, LedgerTime? Cleared, AcknowledgedView? Acknowledged);

/// <summary>Who took an alert on.</summary>
public sealed record AcknowledgedView(long Seq, string Actor, string Text);

/// <summary>Audits.</summary>
/// <param name="Items">Newest first.</param>
/// <param name="LastFullPass">The newest audit of all entries that has ended; null when there was none.</param>
/// <param name="CoveragePerMille">How much of the log it covered, in thousandths of what is sealed now.</param>
public sealed record AuditsView(IReadOnlyList<AuditView> Items, string? LastFullPass, long CoveragePerMille);

/// <summary>An audit.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Seq">The entry that ordered it.</param>
/// <param name="Time">When.</param>
/// <param name="Actor">By whom.</param>
/// <param name="From">First entry of the range.</param>
/// <param name="To">Last entry; 0 for the head at the time of the order.</param>
/// <param name="Source">Only records of this source.</param>
/// <param name="Format">Only records of this format.</param>
/// <param name="SampleSize">How many are drawn; null for all.</param>
/// <param name="SeedHeight">The block whose hash draws them.</param>
/// <param name="State"><c>waiting</c>, <c>running</c>, <c>done</c> or <c>cancelled</c>.</param>
/// <param name="Checked">How many were checked so far.</param>
/// <param name="Total">Of how many; 0 before it begins.</param>
/// <param name="Failed">How many did not hold.</param>
/// <param name="Digest">Digest of the report; null before the end.</param>
/// <param name="Closed">The entry that closed it.</param>
/// <param name="Outcome">With which outcome.</param>
/// <param name="Signed">The entry that seals a supervisor's signature under the report.</param>
/// <param name="Signer">Whose.</param>
public sealed record AuditView(string Id, long Seq, LedgerTime Time, string Actor, long From, long To, string? Source, string? Format, long? SampleSize, long? SeedHeight, string State,
    long Checked, long Total, long Failed, string? Digest, long? Closed, string? Outcome, long? Signed, string? Signer)
{
    /// <summary>The report; it has an address of its own.</summary>
    [JsonIgnore]
    public string? Report { get; init; }
}
