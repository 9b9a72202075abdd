using System.Text.Json.Nodes;
using EventLedger.Api.Http;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.V2M;

/// <summary>Evidence as it stands on the ledger.</summary>
/// <param name="Seq">Entry that shows it.</param>
/// <param name="Standing"><c>proved</c>, <c>accused</c> (amnesia, unanswered) or <c>answered</c>.</param>
/// <param name="Kind">One of <see cref="EvidenceKind"/>.</param>
/// <param name="Kid">The accused, by its consensus key.</param>
/// <param name="Name">What people call it; null for one that genesis does not name.</param>
/// <param name="Height">Height of both statements.</param>
/// <param name="Round">Round of the first.</param>
/// <param name="LaterRound">Round of the second; the same unless it is amnesia.</param>
/// <param name="Step">Step of the second.</param>
/// <param name="Time">When a host took it in.</param>
/// <param name="Sealed">The block that holds it.</param>
/// <param name="AnsweredBy">Entry that answers; null while there is none.</param>
/// <param name="Evidence">The two statements with their signatures, and the answer.</param>
public sealed record EvidenceView(long Seq, string Standing, string Kind, string Kid, string? Name, long Height, long Round, long LaterRound, string Step, LedgerTime Time,
    SealView Sealed, long? AnsweredBy, JsonObject Evidence);

/// <summary>A page of evidence, newest first.</summary>
/// <param name="Total">All there is as of <paramref name="AsOf"/>.</param>
/// <param name="AsOf">The block that the list speaks as of.</param>
/// <param name="Items">This page.</param>
/// <param name="Next">Address of the next page; null on the last.</param>
public sealed record EvidencePage(long Total, AsOf AsOf, IReadOnlyList<EvidenceView> Items, string? Next);
