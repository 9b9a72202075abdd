using EventLedger.Domain.Kernel;

namespace EventLedger.Api.V2M;

/// <summary>Sources as a supervisor sees them, worst first.</summary>
/// <param name="From">First moment of what is counted.</param>
/// <param name="To">First moment after.</param>
/// <param name="Items">All sources.</param>
public sealed record SourcesView(LedgerTime From, LedgerTime To, IReadOnlyList<ScoreCard> Items);

/// <summary>How a source does.</summary>
/// <param name="Id">Its id in addresses.</param>
/// <param name="Source">Its URI.</param>
/// <param name="Name">What people call it.</param>
/// <param name="State">active, suspended or retired.</param>
/// <param name="Created">First records in the period.</param>
/// <param name="Updated">Records that replace an earlier one.</param>
/// <param name="Refused">Submissions that the host refused.</param>
/// <param name="Repeated">Submissions that were there already.</param>
/// <param name="Rejected">Entries that validators sealed as rejected.</param>
/// <param name="RejectPerMille">Refused and rejected in thousandths of all that it sent.</param>
/// <param name="UpdatePerMille">Updates in thousandths of its records.</param>
/// <param name="First">When its first record ever came.</param>
/// <param name="Last">When its last record came.</param>
/// <param name="Watermark">Until when its data goes by its own word: the latest capture, or signature where it names none.</param>
/// <param name="SilentSeconds">Since the last record; null when there was none.</param>
/// <param name="DelayMs">Median of the time from signature to arrival in the period; negative when its clock is ahead.</param>
/// <param name="LastKid">The key that signed its last record.</param>
/// <param name="Score">What the order goes by: thousandths of rejects and updates, and one for each minute of silence up to a day.</param>
public sealed record ScoreCard(string Id, string Source, string Name, string State, long Created, long Updated, long Refused, long Repeated, long Rejected, long RejectPerMille,
    long UpdatePerMille, LedgerTime? First, LedgerTime? Last, LedgerTime? Watermark, long? SilentSeconds, long? DelayMs, string? LastKid, long Score);

/// <summary>One source in detail.</summary>
/// <param name="Card">In short.</param>
/// <param name="Refusals">What was refused, by code.</param>
/// <param name="Formats">What came, by format.</param>
/// <param name="Gaps">Stretches of an hour and more without a record, longest first.</param>
public sealed record SourceView(ScoreCard Card, IReadOnlyList<RefusalCount> Refusals, IReadOnlyList<CreationGroup> Formats, IReadOnlyList<GapView> Gaps);

/// <summary>How often one code was the reason.</summary>
public sealed record RefusalCount(string Code, long Count);
