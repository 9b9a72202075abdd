using EventLedger.Domain.Kernel;

namespace EventLedger.Api.V2M;

/// <summary>Operations on data as entries, in log order.</summary>
/// <param name="Items">At most as many as asked for.</param>
/// <param name="Next">Address of the next page; null at the end of the log.</param>
public sealed record OperationsView(IReadOnlyList<OperationView> Items, string? Next);

/// <summary>One operation.</summary>
/// <param name="Seq">Its entry.</param>
/// <param name="Type">Event type.</param>
/// <param name="Stream">What it acts on.</param>
/// <param name="Version">Which entry of that stream.</param>
/// <param name="Time">When it was taken in.</param>
/// <param name="Actor">Who acted: a source's URI, a pseudonym, or a host's name.</param>
/// <param name="Leaf">Its leaf hash.</param>
/// <param name="State"><c>accepted</c>, <c>sealed</c> or <c>rejected</c>.</param>
/// <param name="Code">Why it was rejected; null when it was not.</param>
/// <param name="Height">The block that seals it; null while it waits.</param>
public sealed record OperationView(long Seq, string Type, string Stream, long Version, LedgerTime Time, string Actor, string Leaf, string State, string? Code, long? Height);
