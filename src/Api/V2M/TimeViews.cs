using EventLedger.Domain.Kernel;

namespace EventLedger.Api.V2M;

/// <summary>The sequence of time over a period: what came when, in which order, and what is not as it should be.</summary>
/// <param name="From">First moment.</param>
/// <param name="To">First moment after.</param>
/// <param name="First">Seq of the first entry taken in during the period; null when there is none.</param>
/// <param name="Last">Seq of the last.</param>
/// <param name="Entries">How many there are.</param>
/// <param name="Missing">Seqs between first and last that the store lacks; 0 as long as nobody removed any.</param>
/// <param name="Backwards">Entries whose time lies before that of the entry before them; 0 as validators let none through.</param>
/// <param name="Blocks">Blocks sealed in the period.</param>
/// <param name="SealLag">From the oldest entry of a block to its seal.</param>
/// <param name="Gaps">Stretches without an entry, longest first.</param>
/// <param name="Stalls">Stretches without a block, though there is a heartbeat each minute; longest first.</param>
/// <param name="BackDated">Records that were captured or signed long before they were taken in.</param>
/// <param name="Skewed">Records that were signed after they were taken in, by their source's clock.</param>
/// <param name="Timeline">Counts over the period in equal steps.</param>
public sealed record TimesView(LedgerTime From, LedgerTime To, long? First, long? Last, long Entries, long Missing, long Backwards, long Blocks, LagView? SealLag,
    IReadOnlyList<GapView> Gaps, IReadOnlyList<GapView> Stalls, FlaggedView BackDated, FlaggedView Skewed, IReadOnlyList<TimelineStep> Timeline);

/// <summary>How long something took, in milliseconds.</summary>
public sealed record LagView(long P50Ms, long P99Ms, long MaxMs);

/// <summary>A stretch of time in which nothing came.</summary>
/// <param name="After">The entry or block before it.</param>
/// <param name="Before">The one after it.</param>
/// <param name="Since">Time of the first.</param>
/// <param name="Until">Time of the second.</param>
/// <param name="Seconds">Its length, rounded down.</param>
public sealed record GapView(long After, long Before, LedgerTime Since, LedgerTime Until, long Seconds);

/// <summary>Records that stand out.</summary>
/// <param name="Total">How many there are, exactly.</param>
/// <param name="Items">The worst of them, at most 200.</param>
public sealed record FlaggedView(long Total, IReadOnlyList<RecordTimesView> Items);

/// <summary>The three times of a record, kept apart.</summary>
/// <param name="Seq">Its entry.</param>
/// <param name="Source">Who signed it.</param>
/// <param name="Format">Id of its format.</param>
/// <param name="Captured">When the source came to know it; null where it does not say.</param>
/// <param name="Issued">When it was signed, by the source's clock.</param>
/// <param name="Received">When it was taken in.</param>
/// <param name="Sealed">When it was sealed; null while it waits.</param>
/// <param name="ByMs">By how much it stands out.</param>
public sealed record RecordTimesView(long Seq, string Source, string Format, LedgerTime? Captured, LedgerTime Issued, LedgerTime Received, LedgerTime? Sealed, long ByMs);

/// <summary>One step of the timeline.</summary>
/// <param name="At">Its beginning.</param>
/// <param name="Captured">Records captured in it by their sources' word.</param>
/// <param name="Received">Entries taken in.</param>
/// <param name="Sealed">Entries sealed.</param>
public sealed record TimelineStep(LedgerTime At, long Captured, long Received, long Sealed);
