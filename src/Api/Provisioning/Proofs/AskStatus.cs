using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Provisioning.Proofs;

/// <summary>One validator's word on the status of a record.</summary>
/// <param name="Statement">What it says.</param>
/// <param name="Signature">By its status key.</param>
public sealed record SignedStatus(StatusStatement Statement, KidSignature Signature);

/// <summary>Asks every validator for the status of the record at a place, as of a height; those that do not answer are left out.</summary>
public delegate Task<IReadOnlyList<SignedStatus>> AskStatus(long seq, long height, CancellationToken cancellation);
