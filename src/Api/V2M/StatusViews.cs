using EventLedger.Api.Doors;
using EventLedger.Domain.Kernel;

namespace EventLedger.Api.V2M;

/// <summary>How each functional entity does. Source: ITU-T Y.4561 (08/2020) 7.1.</summary>
/// <param name="Time">When this was looked at.</param>
/// <param name="Entities">Representation, processing, provisioning, controlling, monitoring.</param>
public sealed record MonitoredStatusView(LedgerTime Time, IReadOnlyList<EntityStatus> Entities);

/// <summary>One functional entity.</summary>
/// <param name="Entity">Which.</param>
/// <param name="State"><c>ok</c>, <c>late</c> or <c>failed</c>.</param>
/// <param name="Reason">Why it is not ok; null when it is.</param>
/// <param name="Measures">What was measured, by name; units stand in the names.</param>
/// <param name="Details">Where to look further.</param>
public sealed record EntityStatus(string Entity, string State, string? Reason, IReadOnlyDictionary<string, long> Measures, string Details);

/// <summary>The validators over M2P.</summary>
/// <param name="Height">The newest sealed block.</param>
/// <param name="Time">Its time.</param>
/// <param name="Blocks">Over how many of the newest blocks votes were counted.</param>
/// <param name="Items">One for each.</param>
public sealed record ValidatorsView(long Height, LedgerTime Time, long Blocks, IReadOnlyList<ValidatorStanding> Items);

/// <summary>One validator.</summary>
/// <param name="Validator">Its own answer.</param>
/// <param name="Behind">Blocks that it lacks; null when it does not answer.</param>
/// <param name="Signed">Commits among the newest blocks that bear its signature. A commit may close without the slowest, so a few less than all are no fault.</param>
/// <param name="Missed">The others among those for which it had a seat.</param>
public sealed record ValidatorStanding(ValidatorView Validator, long? Behind, long Signed, long Missed);

/// <summary>The services over M2S.</summary>
/// <param name="ProbedAt">When they were last used for a trial.</param>
/// <param name="Probes">What came of it.</param>
/// <param name="Calls">Calls of this host since it started.</param>
public sealed record ServicesView(LedgerTime ProbedAt, IReadOnlyList<ServiceProbe> Probes, IReadOnlyList<CallsView> Calls);

/// <summary>Calls of one address.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Route">Its pattern.</param>
/// <param name="Total">How many.</param>
/// <param name="Refused">Answers from 400 to 499.</param>
/// <param name="Failed">Answers from 500 on.</param>
/// <param name="P50Ms">Half took at most so long.</param>
/// <param name="P99Ms">99 of 100 took at most so long.</param>
public sealed record CallsView(string Method, string Route, long Total, long Refused, long Failed, long P50Ms, long P99Ms);
