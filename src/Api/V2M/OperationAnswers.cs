using System.Globalization;
using EventLedger.Api.Provisioning.Answers;
using EventLedger.Api.V2M.Tables;
using EventLedger.Domain.Kernel;

namespace EventLedger.Api.V2M;

/// <summary>All operations on data, to be replayed from any time. Source: ITU-T Y.4561 (08/2020) 7.2.4.</summary>
public sealed class OperationAnswers(MonitorTables tables)
{
    /// <summary>Most operations of a page.</summary>
    public const int LimitMax = 1000;

    /// <summary>A page in log order.</summary>
    /// <param name="from">First moment; null with <paramref name="fromSeq"/> or for the beginning.</param>
    /// <param name="fromSeq">First entry, where no time is given.</param>
    /// <param name="types">Only these event types; empty for all.</param>
    /// <param name="sources">Only these actors; empty for all.</param>
    /// <param name="limit">1 to 1000.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<Answer<OperationsView>> Page(string? from, long? fromSeq, string[] types, string[] sources, int limit, CancellationToken cancellation)
    {
        LedgerTime? moment = from is null ? null : Period.Moment(from);
        if (limit is < 1 or > LimitMax || fromSeq < 1 || (from is not null && moment is null))
        {
            return new Problem("request-malformed", $"'limit' is 1 to {LimitMax}, 'from' a time, 'fromSeq' the number of an entry.");
        }
        var start = moment is { } time ? await tables.SeqAt(time, cancellation) : fromSeq ?? 1;
        var items = await tables.Read("operations", row => new OperationView(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetInt64(3), MonitorTables.Time(row, 4),
            row.GetString(5), new Digest(row.GetFieldValue<byte[]>(6)).ToString(), row.IsDBNull(7) ? "accepted" : row.IsDBNull(8) ? "sealed" : "rejected",
            row.IsDBNull(8) ? null : row.GetString(8), row.IsDBNull(7) ? null : row.GetInt64(7)), cancellation, start, types, sources, (long)limit);
        return new OperationsView(items, items.Count < limit ? null : string.Create(CultureInfo.InvariantCulture,
            $"/v2m/v1/operations?fromSeq={items[^1].Seq + 1}&limit={limit}{Names("types", types)}{Names("sources", sources)}"));
    }

    private static string Names(string name, string[] values) => string.Concat(values.Select(v => $"&{name}={Uri.EscapeDataString(v)}"));
}
