using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Processing.Proofs;

/// <summary>Asks every validator for the status of the record at a place, as of a height; those that do not answer are left out.</summary>
public delegate Task<IReadOnlyList<(StatusStatement Statement, KidSignature Signature)>> AskStatus(long seq, long height, CancellationToken cancellation);
