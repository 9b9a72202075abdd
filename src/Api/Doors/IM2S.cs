namespace EventLedger.Api.Doors;

/// <summary>M2S, from Monitoring to Provisioning: whether its services serve. Source: ITU-T Y.4561 (08/2020) 7.3.10.</summary>
public interface IM2S
{
    /// <summary>Uses each service once, as a data user would.</summary>
    Task<IReadOnlyList<ServiceProbe>> Probe(CancellationToken cancellation);
}

/// <summary>What came of using a service.</summary>
/// <param name="Service">Which.</param>
/// <param name="Ok">Whether it answered as it should.</param>
/// <param name="Ms">How long it took, in milliseconds.</param>
/// <param name="Problem">Why it did not answer; null when it did.</param>
public sealed record ServiceProbe(string Service, bool Ok, long Ms, string? Problem);
