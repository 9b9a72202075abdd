using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Doors;

/// <summary>M2S, from Monitoring to Provisioning: whether its services serve, and who read what through them. Source: ITU-T Y.4561 (08/2020) 7.3.10.</summary>
public interface IM2S
{
    /// <summary>Uses each service once, as a data user would.</summary>
    Task<IReadOnlyList<ServiceProbe>> Probe(CancellationToken cancellation);

    /// <summary>The stream of reads of one person's data.</summary>
    string ReadsOf(string iss, string subject);

    /// <summary>Opens what was noted of a read; null when its key was destroyed.</summary>
    Task<AccessNote?> OpenRead(Entry entry, CancellationToken cancellation);
}

/// <summary>What came of using a service.</summary>
/// <param name="Service">Which.</param>
/// <param name="Ok">Whether it answered as it should.</param>
/// <param name="Ms">How long it took, in milliseconds.</param>
/// <param name="Problem">Why it did not answer; null when it did.</param>
public sealed record ServiceProbe(string Service, bool Ok, long Ms, string? Problem);

/// <summary>What is noted of a read.</summary>
/// <param name="Actor">Pseudonym or URI of who reads.</param>
/// <param name="Organisation">For whom; null for nobody.</param>
/// <param name="Record">Which record.</param>
/// <param name="Fields">Which fields.</param>
/// <param name="Purpose">What for.</param>
/// <param name="Grants">Under which grants.</param>
/// <param name="Policy">Version of the policy that allowed it.</param>
public sealed record AccessNote(string Actor, string? Organisation, long Record, IReadOnlyList<string> Fields, string Purpose, IReadOnlyList<string> Grants, long Policy);
