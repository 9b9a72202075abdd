using EventLedger.Api.Host;
using EventLedger.Domain.Kernel;
using EventLedger.EventStore.Projections;
using Npgsql;

namespace EventLedger.Api.V2M.Tables;

/// <summary>Reads for supervisors, under the role that cannot write.</summary>
public sealed class MonitorTables(MonitorDatabase database, ProjectionDaemon projections, LedgerHead head)
{
    /// <summary>Without a new entry there is a block at most so many seconds after the one before.</summary>
    public const long HeartbeatSeconds = 60;

    // A view that has stopped still answers, with what it has seen.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <inheritdoc cref="MonitorDatabase.Read"/>
    public Task<List<T>> Read<T>(string statement, Func<NpgsqlDataReader, T> row, CancellationToken cancellation, params object?[] values) =>
        database.Read(statement, row, cancellation, values);

    /// <summary>Waits until the views hold everything that is sealed.</summary>
    public Task CatchUp(CancellationToken cancellation) => projections.WaitFor(head.Header.Size, Patience, cancellation);

    /// <summary>The first entry that was taken in at a time or later; one past the end when there is none. Entries stand in the order of their times.</summary>
    public async Task<long> SeqAt(LedgerTime time, CancellationToken cancellation)
    {
        var (low, high) = (1L, (await Read("log_end", row => row.GetInt64(0), cancellation))[0] + 1);
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            var at = (await Read("entry_time", row => Time(row, 0), cancellation, middle)).FirstOrDefault();
            (low, high) = at < time ? (middle + 1, high) : (low, middle);
        }
        return low;
    }

    /// <summary>A time of the ledger.</summary>
    public static LedgerTime Time(NpgsqlDataReader row, int column) => LedgerTime.From(row.GetFieldValue<DateTimeOffset>(column));
}
