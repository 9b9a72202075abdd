using System.Text.Json.Nodes;
using EventLedger.Api.Host;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;

namespace EventLedger.Api.Identity;

/// <summary>
/// Puts what <see cref="SecurityNotes"/> counted on the ledger: one event a kind and minute at most, or whoever can fail could fill the ledger. Clears away
/// what is over in the identity tables in the same round.
/// </summary>
public sealed class SecurityWriter(SecurityNotes notes, IEventStore store, HostKeys keys, IdentityTables tables, TimeProvider clock, ILogger<SecurityWriter> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    /// <summary>Writes what was noted since the last time.</summary>
    public async Task Write(CancellationToken cancellation)
    {
        var now = LedgerTime.From(clock.GetUtcNow());
        var minute = now.PlusMs(-(now.UnixMs % (long)Every.TotalMilliseconds));
        foreach (var (kind, count) in notes.Take())
        {
            var data = Jcs.Bytes(new JsonObject { ["kind"] = kind, ["count"] = count, ["minute"] = minute.ToString() });
            if (!await Append(new(EventTable.SecurityNoted, keys.Host.Name, data), cancellation))
            {
                notes.Note(kind, count);
            }
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await tables.Run("forget", stoppingToken, clock.GetUtcNow());
                await Write(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                log.LogWarning(e, "What was refused is not on the ledger yet; it is tried again in a minute.");
            }
        }
    }

    private async Task<bool> Append(NewEvent noted, CancellationToken cancellation)
    {
        var version = (await store.StreamVersions([EventTable.SecurityStream], cancellation)).GetValueOrDefault(EventTable.SecurityStream);
        while (true)
        {
            switch (await store.Append(new(EventTable.SecurityStream, version, noted), cancellation))
            {
                case AppendResult.VersionConflict conflict:
                    version = conflict.Actual;
                    break;
                case AppendResult.Appended:
                    return true;
                default:
                    return false;
            }
        }
    }
}
