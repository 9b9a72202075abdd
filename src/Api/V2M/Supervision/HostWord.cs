using EventLedger.EventStore;

namespace EventLedger.Api.V2M.Supervision;

/// <summary>Appends what the host says of its own accord, after whatever came before.</summary>
internal static class HostWord
{
    /// <summary>Place of the entry; throws <see cref="InvalidOperationException"/> while the ledger takes nothing in, to be tried again.</summary>
    public static async Task<long> Append(IEventStore store, string stream, NewEvent @event, CancellationToken cancellation)
    {
        for (var version = (await store.StreamVersions([stream], cancellation)).GetValueOrDefault(stream); ;)
        {
            switch (await store.Append(new(stream, version, @event), cancellation))
            {
                case AppendResult.Appended done:
                    return done.LastSeq;
                case AppendResult.VersionConflict conflict:
                    version = conflict.Actual;
                    break;
                default:
                    throw new InvalidOperationException("The store takes no entries at present.");
            }
        }
    }
}
