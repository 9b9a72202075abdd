namespace EventLedger.Api.Host;

/// <summary>Whether this host has found its place: it answers reads only after it has once compared its store with the chain.</summary>
public sealed class Readiness
{
    private volatile string? reason = "starting";

    /// <summary>Why it is not ready; null once it is. A host that was ready and cannot write any more still answers reads.</summary>
    public string? Reason => reason;

    /// <summary>Says what it waits for; ignored once it was ready.</summary>
    public void WaitsFor(string what)
    {
        if (reason is not null)
        {
            reason = what;
        }
    }

    /// <summary>From now on it is ready.</summary>
    public void Ready() => reason = null;
}
