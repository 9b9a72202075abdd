using System.Text.Json;

namespace EventLedger.Domain.Ledger;

/// <summary>
/// The one judgement of an event of authority: the host before it appends and every validator before it votes ask here, so that neither takes what the
/// other refuses. Source: DESIGN section 3 "Authority".
/// </summary>
public static class Authority
{
    /// <summary>Null when the event holds, and then it is folded; else the rejection code, and nothing changes.</summary>
    /// <param name="entry">The event.</param>
    /// <param name="data">Its parsed data.</param>
    /// <param name="genesis">Chain and persons required.</param>
    /// <param name="head">The newest sealed header.</param>
    /// <param name="registry">State before the event, and after it.</param>
    /// <param name="pending">What only the caller can see: whether an earlier change is still to come; null for nothing.</param>
    public static string? Judge(Entry entry, JsonElement data, Genesis genesis, BlockHeader head, ref Registry registry, Func<Entry, string?>? pending = null) =>
        Authorization.Check(entry, data, genesis, registry, head.Time) ?? pending?.Invoke(entry) ?? Effect(entry, data, genesis.Chain, head.Height, ref registry);

    /// <summary>What the event would do if enough people signed it: null and the registry after it, or the rejection code.</summary>
    /// <param name="entry">The event.</param>
    /// <param name="data">Its parsed data, with an <c>authorization</c> that is not looked at.</param>
    /// <param name="chain">Chain id.</param>
    /// <param name="head">Height of the newest sealed header, from 0.</param>
    /// <param name="registry">State before the event, and after it.</param>
    public static string? Effect(Entry entry, JsonElement data, string chain, long head, ref Registry registry) =>
        entry.Type == EventTable.ParameterSet && ParameterEvents.IsPast(data, head) ? RejectionCode.HeightPast : RegistryEvents.Fold(entry, data, chain, ref registry);
}
