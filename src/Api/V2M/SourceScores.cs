using EventLedger.Api.Provisioning.Answers;
using EventLedger.Api.V2M.Tables;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using Npgsql;

namespace EventLedger.Api.V2M;

/// <summary>Supervises the sources: what they send, what of it is refused, how old it is. Source: ITU-T Y.4561 (08/2020) 7.1.5, 7.3.12.</summary>
public sealed class SourceScores(MonitorTables tables, RefusalLog refusals, TimeProvider clock)
{
    private const long GapSeconds = 3600, DayMinutes = 24 * 60;

    /// <summary>All sources over a period, worst first.</summary>
    public async Task<Answer<SourcesView>> All(string? from, string? to, CancellationToken cancellation) =>
        Period.Of(from, to, clock) is { } period ? new SourcesView(period.From, period.To, await Cards(period, null, cancellation)) : Period.Malformed;

    /// <summary>One source over a period.</summary>
    /// <param name="id">Its id, as in the list.</param>
    /// <param name="from">First moment; null for a day before the end.</param>
    /// <param name="to">First moment after; null for now.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<Answer<SourceView>> One(string id, string? from, string? to, CancellationToken cancellation)
    {
        if (Period.Of(from, to, clock) is not { } period)
        {
            return Period.Malformed;
        }
        if ((await Cards(period, id, cancellation)) is not [var card])
        {
            return new Problem("not-found", $"There is no source {id}; /v2m/v1/sources lists all.");
        }
        var (start, end) = (period.From.Moment, period.To.Moment);
        return new SourceView(card,
            await tables.Read("source_refusals", row => new RefusalCount(row.GetString(0), row.GetInt64(1)), cancellation, start, end, card.Source),
            await tables.Read("created_groups", row => new CreationGroup(row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3),
                $"/u2s/v1/records?iss={Uri.EscapeDataString(row.GetString(0))}&format={Uri.EscapeDataString(row.GetString(1))}"), cancellation, start, end, card.Source, null),
            await tables.Read("source_gaps", row => new GapView(row.GetInt64(0), row.GetInt64(1), MonitorTables.Time(row, 2), MonitorTables.Time(row, 3), row.GetInt64(4)),
                cancellation, start, end, card.Source, GapSeconds));
    }

    /// <summary>The cards over a period, worst first.</summary>
    public async Task<IReadOnlyList<ScoreCard>> Cards(Period period, string? id, CancellationToken cancellation)
    {
        await refusals.Flush(cancellation);
        await tables.CatchUp(cancellation);
        var now = LedgerTime.From(clock.GetUtcNow());
        var cards = await tables.Read("sources", row => Card(row, now), cancellation, period.From.Moment, period.To.Moment);
        return [.. cards.Where(c => id is null || c.Id == id).OrderByDescending(c => c.Score).ThenBy(c => c.Source, StringComparer.Ordinal)];
    }

    private static ScoreCard Card(NpgsqlDataReader row, LedgerTime now)
    {
        var (iss, created, updated, refused, repeated, rejected) = (row.GetString(0), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6), row.GetInt64(7));
        var (first, last, watermark) = (Time(row, 8), Time(row, 9), Time(row, 10));
        var rejects = PerMille(refused + rejected, created + updated + refused + rejected);
        var updates = PerMille(updated, created + updated);
        long? silent = last is { } at ? Math.Max(0, (now.UnixMs - at.UnixMs) / 1000) : null;
        return new(EventTable.SourceStream(iss)["source-".Length..], iss, row.GetString(1), row.GetString(2), created, updated, refused, repeated, rejected, rejects, updates,
            first, last, watermark, silent, row.IsDBNull(11) ? null : row.GetInt64(11), row.IsDBNull(12) ? null : row.GetString(12),
            rejects + updates + Math.Min(DayMinutes, (silent ?? long.MaxValue) / 60));
    }

    private static long PerMille(long part, long whole) => whole == 0 ? 0 : part * 1000 / whole;

    private static LedgerTime? Time(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : MonitorTables.Time(row, column);
}
