using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using UniqueKind = EventLedger.EventStore.UniqueKind;

namespace EventLedger.Api.R2D;

/// <summary>
/// Draws places in the sources' status lists for drafts: at random, so that a place tells nobody when its record was issued. One that a record holds is
/// drawn again, and so is one that was drawn for another draft, which may yet be signed. Source: draft-ietf-oauth-status-list.
/// </summary>
public sealed class StatusPlaces(IEventStore store, TimeProvider clock)
{
    // Who draws so often in vain is in a list that is nearly full, and goes on to the next.
    private const int DrawsMax = 16;

    // No draft lives longer.
    private static readonly TimeSpan DraftMax = TimeSpan.FromDays(1);

    private readonly ConcurrentDictionary<Unique, DateTimeOffset> drawn = [];
    private DateTimeOffset cleared = clock.GetUtcNow();

    /// <summary>Draws the number of a list and an index in it, 0 to 2^20 - 1.</summary>
    /// <param name="iss">The source.</param>
    /// <param name="random">Gives an index; null for the system's own chance.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task<(int List, int Index)> Draw(string iss, Func<int>? random, CancellationToken cancellation)
    {
        Clear();
        for (var draw = 0; ; draw++)
        {
            var (list, index) = (draw / DrawsMax, random?.Invoke() ?? RandomNumberGenerator.GetInt32(StatusList.Capacity));
            var place = Claims.StatusPlace(iss, list.ToString(CultureInfo.InvariantCulture), index);
            if (drawn.TryAdd(place, clock.GetUtcNow()) && await store.SeqOf(new((UniqueKind)place.Kind, place.Key), cancellation) is null)
            {
                return (list, index);
            }
        }
    }

    private void Clear()
    {
        var now = clock.GetUtcNow();
        if (now - cleared < TimeSpan.FromMinutes(10))
        {
            return;
        }
        cleared = now;
        foreach (var (place, at) in drawn.Where(d => now - d.Value > DraftMax))
        {
            drawn.TryRemove(new(place, at));
        }
    }
}
