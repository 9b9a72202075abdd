namespace EventLedger.Api.Doors;

/// <summary>M2R, from Monitoring to Representation: what became of submissions that are in no entry. Source: ITU-T Y.4561 (08/2020) 7.3.12.</summary>
public interface IM2R
{
    /// <summary>Gives the counts since the last call, by source and code, and begins anew. A repeated submission has the code <c>repeated</c>.</summary>
    IReadOnlyDictionary<(string Iss, string Code), long> TakeRefusals();
}
