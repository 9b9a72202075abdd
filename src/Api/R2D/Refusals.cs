using System.Collections.Concurrent;
using EventLedger.Api.Doors;
using EventLedger.Api.Host;

namespace EventLedger.Api.R2D;

/// <summary>Counts what this host refuses, by source and code. Only registered sources are counted by name, or anyone could fill the memory with invented ones.</summary>
public sealed class Refusals(HostState state) : IM2R
{
    /// <summary>Stands for a submission that was there already.</summary>
    public const string Repeated = "repeated";

    private const string Unknown = "unknown";

    private ConcurrentDictionary<(string Iss, string Code), long> counts = [];

    /// <summary>Counts one.</summary>
    /// <param name="iss">Who it claims to be from; null when that cannot be read.</param>
    /// <param name="code">Why.</param>
    public void Add(string? iss, string code) =>
        Volatile.Read(ref counts).AddOrUpdate((iss is not null && state.Registry.Sources.ContainsKey(iss) ? iss : Unknown, code), 1, static (_, n) => n + 1);

    /// <inheritdoc/>
    public IReadOnlyDictionary<(string Iss, string Code), long> TakeRefusals() => Interlocked.Exchange(ref counts, []);
}
