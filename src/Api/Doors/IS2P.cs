using EventLedger.Api.Provisioning.Answers;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Doors;

/// <summary>S2P, from Provisioning to Processing: what the chain proves of that which a data user was told. Source: ITU-T Y.4561 (08/2020) 7.3.6, 8.7.</summary>
public interface IS2P
{
    /// <summary>The bundle of a sealed record, without any disclosure; a problem when it is not sealed or the validators do not say its status.</summary>
    Task<Answer<ProofBundle>> ProofOfRecord(long seq, CancellationToken cancellation);

    /// <summary>That an entry of any type is sealed; a problem when it is not, or was rejected.</summary>
    /// <param name="seq">Its place.</param>
    /// <param name="disclosures">What is shown of the values that its digests stand for.</param>
    /// <param name="cancellation">Ends the reading.</param>
    Task<Answer<EntryProof>> ProofOfEntry(long seq, IReadOnlyList<string> disclosures, CancellationToken cancellation);

    /// <summary>Who keeps the chain, each asked just now.</summary>
    Task<IReadOnlyList<ValidatorView>> Validators(CancellationToken cancellation);
}
