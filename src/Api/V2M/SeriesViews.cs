using EventLedger.Api.Http;
using EventLedger.Domain.Kernel;

namespace EventLedger.Api.V2M;

/// <summary>Something counted over time.</summary>
/// <param name="Name">What was asked for.</param>
/// <param name="Unit">What the numbers count.</param>
/// <param name="From">First moment.</param>
/// <param name="To">First moment after.</param>
/// <param name="StepSeconds">Length of a step.</param>
/// <param name="AsOf">The block as of which it was counted.</param>
/// <param name="Labels">What each number of a point is of, such as a source.</param>
/// <param name="Points">One for each step, also for steps in which nothing was.</param>
public sealed record SeriesView(string Name, string Unit, LedgerTime From, LedgerTime To, long StepSeconds, AsOf AsOf, IReadOnlyList<string> Labels,
    IReadOnlyList<SeriesPoint> Points);

/// <summary>One step.</summary>
/// <param name="At">Its beginning.</param>
/// <param name="Values">One for each label; null where there is nothing to measure.</param>
public sealed record SeriesPoint(LedgerTime At, IReadOnlyList<long?> Values);
