using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace EventLedger.Domain.Ledger;

/// <summary>One setting of a parameter.</summary>
/// <param name="Name">A name of <see cref="LedgerParameters.Ranges"/>.</param>
/// <param name="Value">A whole number in the unit that the name ends with.</param>
/// <param name="EffectiveHeight">The first height, from 1, for which it holds.</param>
/// <param name="Seq">The entry that set it, from 1.</param>
public sealed record ParameterChange(string Name, long Value, long EffectiveHeight, long Seq);

/// <summary>The parameters in force at a height, the same at the host and at every validator.</summary>
/// <param name="BlockEntriesMax">Most entries of a block, 1 to 4096.</param>
/// <param name="HeartbeatSeconds">After how many seconds without entries an empty block is proposed, 10 to 600.</param>
/// <param name="RoundTimeoutMs">Milliseconds for which the first round waits for its proposal, and twice as long as for its votes, 100 to 60 000; 0 where the chain has never set it and each validator uses its own.</param>
public sealed record LedgerParameters(int BlockEntriesMax, int HeartbeatSeconds, int RoundTimeoutMs)
{
    /// <summary>Name of <see cref="BlockEntriesMax"/>.</summary>
    public const string BlockEntries = "blockEntriesMax";

    /// <summary>Name of <see cref="HeartbeatSeconds"/>.</summary>
    public const string Heartbeat = "heartbeatSeconds";

    /// <summary>Name of <see cref="RoundTimeoutMs"/>.</summary>
    public const string RoundTimeout = "roundTimeoutMs";

    /// <summary>What may be set, from where to where, both counted.</summary>
    public static ImmutableSortedDictionary<string, (long Min, long Max)> Ranges { get; } = new Dictionary<string, (long Min, long Max)>
    {
        [BlockEntries] = (1, 4096), [Heartbeat] = (10, 600), [RoundTimeout] = (100, 60_000),
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>What holds before anybody sets anything.</summary>
    public static LedgerParameters Default { get; } = new(4096, 60, 0);

    /// <summary>The parameters as JSON, each under its name.</summary>
    public JsonObject ToJson() => new() { [BlockEntries] = BlockEntriesMax, [Heartbeat] = HeartbeatSeconds, [RoundTimeout] = RoundTimeoutMs };

    /// <summary>The parameters for a height.</summary>
    /// <param name="changes">As in <see cref="Registry.Parameters"/>.</param>
    /// <param name="height">From 1.</param>
    public static LedgerParameters At(ImmutableList<ParameterChange> changes, long height)
    {
        var now = Default;
        foreach (var change in changes)
        {
            now = change.EffectiveHeight > height ? now : change.Name switch
            {
                BlockEntries => now with { BlockEntriesMax = (int)change.Value },
                Heartbeat => now with { HeartbeatSeconds = (int)change.Value },
                _ => now with { RoundTimeoutMs = (int)change.Value },
            };
        }
        return now;
    }
}
