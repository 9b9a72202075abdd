using EventLedger.Api.Provisioning.Answers;
using EventLedger.Api.V2M.Tables;
using Npgsql;

namespace EventLedger.Api.V2M;

/// <summary>Supervises the time sequence of what is stored. Source: ITU-T Y.4561 (08/2020) 8.5.</summary>
public sealed class TimeAnswers(MonitorTables tables, TimeProvider clock)
{
    private const int StepsMax = 60, ListMax = 200;

    /// <summary>The sequence over a period.</summary>
    /// <param name="from">First moment; null for a day before the end.</param>
    /// <param name="to">First moment after; null for now.</param>
    /// <param name="gapSeconds">From which length on a stretch without an entry counts: 1 or more.</param>
    /// <param name="backDatedSeconds">From which distance on a record counts as back-dated: 1 or more.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<Answer<TimesView>> Times(string? from, string? to, long gapSeconds, long backDatedSeconds, CancellationToken cancellation)
    {
        if (Period.Of(from, to, clock) is not { } period)
        {
            return Period.Malformed;
        }
        if (gapSeconds < 1 || backDatedSeconds < 1)
        {
            return new Problem("request-malformed", "'gapSeconds' and 'backDatedSeconds' are 1 or more.");
        }
        await tables.CatchUp(cancellation);
        var first = await tables.SeqAt(period.From, cancellation);
        var last = await tables.SeqAt(period.To, cancellation) - 1;
        var (start, end) = (period.From.Moment, period.To.Moment);
        var order = (await tables.Read("times_order", row => (Entries: row.GetInt64(0), Backwards: row.GetInt64(1)), cancellation, first, last))[0];
        var blocks = (await tables.Read("times_blocks", row => (Count: row.GetInt64(0), Lag: row.IsDBNull(1) ? null : new LagView(row.GetInt64(1), row.GetInt64(2), row.GetInt64(3))),
            cancellation, start, end))[0];
        return new TimesView(period.From, period.To, last < first ? null : first, last < first ? null : last, order.Entries, Math.Max(0, last - first + 1) - order.Entries,
            order.Backwards, blocks.Count, blocks.Lag,
            await tables.Read("times_gaps", Gap, cancellation, first, last, gapSeconds, (long)ListMax),
            await tables.Read("times_stalls", Gap, cancellation, start, end, 2 * MonitorTables.HeartbeatSeconds, (long)ListMax),
            await Flagged("times_backdated", start, end, backDatedSeconds * 1000, cancellation), await Flagged("times_skewed", start, end, 0, cancellation),
            await Timeline(period, cancellation));
    }

    private async Task<FlaggedView> Flagged(string statement, DateTimeOffset start, DateTimeOffset end, long ms, CancellationToken cancellation)
    {
        var items = await tables.Read(statement, row => (Total: row.GetInt64(8), View: new RecordTimesView(row.GetInt64(0), row.GetString(1), row.GetString(2),
            row.IsDBNull(3) ? null : MonitorTables.Time(row, 3), MonitorTables.Time(row, 4), MonitorTables.Time(row, 5), row.IsDBNull(6) ? null : MonitorTables.Time(row, 6),
            row.GetInt64(7))), cancellation, start, end, ms, (long)ListMax);
        return new(items.Count == 0 ? 0 : items[0].Total, [.. items.Select(i => i.View)]);
    }

    private async Task<IReadOnlyList<TimelineStep>> Timeline(Period period, CancellationToken cancellation)
    {
        var step = TimeSpan.FromMilliseconds(Math.Max(1, (period.LengthMs + StepsMax - 1) / StepsMax));
        return await tables.Read("times_timeline",
            row => new TimelineStep(MonitorTables.Time(row, 0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3)), cancellation, period.From.Moment, period.To.Moment, step);
    }

    private static GapView Gap(NpgsqlDataReader row) => new(row.GetInt64(0), row.GetInt64(1), MonitorTables.Time(row, 2), MonitorTables.Time(row, 3), row.GetInt64(4));
}
