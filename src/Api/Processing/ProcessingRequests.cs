using EventLedger.Api.Doors;
using EventLedger.Api.Host;
using EventLedger.Api.Processing.Proofs;
using EventLedger.Api.Processing.Sealing;
using EventLedger.Api.Provisioning.Answers;
using EventLedger.Api.Telemetry;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;

namespace EventLedger.Api.Processing;

/// <summary>What Representation and Provisioning ask of this room; each way through the door is timed.</summary>
public sealed class ProcessingRequests(ProofBuilder proofs, IEventStore store, LedgerHead head, SealedBlocks blocks, ValidatorHealth health, Hops hops) : IP2R, IS2P
{
    /// <inheritdoc/>
    public Task<SealResult?> Result(long seq, TimeSpan wait, CancellationToken cancellation) => hops.Through("P2R", "result", async () =>
        (head.IsSealed(seq) || (wait > TimeSpan.Zero && await head.WaitSealed(seq, wait, cancellation))) && (blocks.Newest(seq) ?? await store.BlockOf(seq, cancellation)) is { } block
            ? new SealResult(block.Height, block.Time, block.Rejected.FirstOrDefault(r => r.Seq == seq) is { Seq: > 0 } rejected ? rejected.Code : null)
            : null);

    /// <inheritdoc/>
    public Task<byte[]?> Proof(long seq, CancellationToken cancellation) =>
        hops.Through("P2R", "proof", async () => (await proofs.OfRecord(seq, cancellation)).Value?.ToBytes());

    /// <inheritdoc/>
    public Task<Answer<ProofBundle>> ProofOfRecord(long seq, CancellationToken cancellation) => hops.Through("S2P", "proof of a record", () => proofs.OfRecord(seq, cancellation));

    /// <inheritdoc/>
    public Task<Answer<EntryProof>> ProofOfEntry(long seq, IReadOnlyList<string> disclosures, CancellationToken cancellation) =>
        hops.Through("S2P", "proof of an entry", () => proofs.OfEntry(seq, disclosures, cancellation));

    /// <inheritdoc/>
    public Task<IReadOnlyList<ValidatorView>> Validators(CancellationToken cancellation) => hops.Through("S2P", "validators", () => health.Health(cancellation));
}
