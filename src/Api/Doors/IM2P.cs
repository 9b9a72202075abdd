namespace EventLedger.Api.Doors;

/// <summary>M2P, from Monitoring to Processing: how the validators are. Source: ITU-T Y.4561 (08/2020) 7.3.11.</summary>
public interface IM2P
{
    /// <summary>Asks all validators at once; one that does not answer in time is named as such.</summary>
    Task<IReadOnlyList<ValidatorView>> Health(CancellationToken cancellation);
}
