using System.Globalization;
using System.Text;
using EventLedger.Api.Host;
using EventLedger.Api.Http;
using EventLedger.Api.Provisioning.Answers;
using EventLedger.Api.V2M.Tables;

namespace EventLedger.Api.V2M;

/// <summary>Collection, sealing and delivery over time, for plots. Source: ITU-T Y.4561 (08/2020) 7.1.5, 8.5.</summary>
public sealed class SeriesAnswers(MonitorTables tables, LedgerHead head, TimeProvider clock)
{
    private const int StepsMax = 1000, StepsUsual = 120;
    private const long MinuteMs = 60_000;

    // A step in which nothing came counts 0; one in which nothing was measured has no number.
    private static readonly Dictionary<string, (string Statement, string Unit, long? Empty)> Known = new(StringComparer.Ordinal)
    {
        ["records"] = ("series_records", "records", 0), ["entries"] = ("series_entries", "entries", 0), ["sealed"] = ("series_sealed", "entries and blocks", 0),
        ["seal-ms"] = ("series_seal_ms", "milliseconds", null), ["waiting"] = ("series_waiting", "entries", 0), ["delivery"] = ("series_delivery", "events", 0),
    };

    /// <summary>One series.</summary>
    /// <param name="name"><c>records</c> by source, <c>entries</c> by type, <c>sealed</c>, <c>seal-ms</c>, <c>waiting</c> or <c>delivery</c>.</param>
    /// <param name="from">First moment; null for a day before the end.</param>
    /// <param name="to">First moment after; null for now.</param>
    /// <param name="stepSeconds">A multiple of 60 that gives at most 1000 steps; null for about 120 steps.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<Answer<SeriesView>> Series(string? name, string? from, string? to, long? stepSeconds, CancellationToken cancellation)
    {
        if (Period.Of(from, to, clock) is not { } asked)
        {
            return Period.Malformed;
        }
        // What is counted by the minute begins with one.
        var start = asked.From.UnixMs / MinuteMs * MinuteMs;
        var step = stepSeconds * 1000 ?? Math.Max(1, (asked.To.UnixMs - start + MinuteMs * StepsUsual - 1) / (MinuteMs * StepsUsual)) * MinuteMs;
        if (name is null || !Known.TryGetValue(name, out var series) || step < MinuteMs || step % MinuteMs != 0 || (asked.To.UnixMs - start + step - 1) / step > StepsMax)
        {
            return new Problem("request-malformed", $"'name' is one of {string.Join(", ", Known.Keys)}; 'step' is a multiple of 60 seconds and gives at most {StepsMax} steps.");
        }
        await tables.CatchUp(cancellation);
        var header = head.Header;
        var period = new Period(new(start), asked.To);
        var rows = await tables.Read(series.Statement, row => (At: MonitorTables.Time(row, 0), Label: row.GetString(1), Value: row.GetInt64(2)), cancellation,
            period.From.Moment, period.To.Moment, TimeSpan.FromMilliseconds(step));
        string[] labels = [.. rows.Select(r => r.Label).Distinct().Order(StringComparer.Ordinal)];
        var found = rows.ToDictionary(r => (r.At, r.Label), r => r.Value);
        var points = new List<SeriesPoint>();
        for (var at = period.From; at < period.To; at = at.PlusMs(step))
        {
            points.Add(new(at, [.. labels.Select(l => found.TryGetValue((at, l), out var value) ? value : series.Empty)]));
        }
        return new SeriesView(name, series.Unit, period.From, period.To, step / 1000, new(header.Height, header.Size, header.Time), labels, points);
    }

    /// <summary>The same as a table: time and one column a label.</summary>
    public static string ToCsv(SeriesView view)
    {
        var text = new StringBuilder();
        Csv.Row(text, ["time", .. view.Labels]);
        foreach (var point in view.Points)
        {
            Csv.Row(text, [point.At.ToString(), .. point.Values.Select(v => v?.ToString(CultureInfo.InvariantCulture) ?? "")]);
        }
        return text.ToString();
    }
}
