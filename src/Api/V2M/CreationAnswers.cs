using System.Globalization;
using System.Text.Json;
using EventLedger.Api.Provisioning.Answers;
using EventLedger.Api.V2M.Tables;

namespace EventLedger.Api.V2M;

/// <summary>Supervises what is created and what is updated. Source: ITU-T Y.4561 (08/2020) 8.5.</summary>
public sealed class CreationAnswers(MonitorTables tables, TimeProvider clock)
{
    /// <summary>Most updates of a page.</summary>
    public const int LimitMax = 200;

    private const int StepsMax = 1000;

    /// <summary>Counts by source and type.</summary>
    /// <param name="from">First moment; null for a day before the end.</param>
    /// <param name="to">First moment after; null for now.</param>
    /// <param name="source">Only this source; null for all.</param>
    /// <param name="format">Only this format; null for all.</param>
    /// <param name="stepMinutes">Length of a step: 1 or more, at most 1000 steps.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<Answer<CreationView>> Created(string? from, string? to, string? source, string? format, long stepMinutes, CancellationToken cancellation)
    {
        if (Period.Of(from, to, clock) is not { } period)
        {
            return Period.Malformed;
        }
        if (stepMinutes < 1 || period.LengthMs / 60_000 / stepMinutes >= StepsMax)
        {
            return new Problem("request-malformed", $"'step' is a number of minutes, 1 or more, and gives at most {StepsMax} steps over the period.");
        }
        await tables.CatchUp(cancellation);
        var groups = await tables.Read("created_groups", row => new CreationGroup(row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3),
            $"/u2s/v1/records?iss={Uri.EscapeDataString(row.GetString(0))}&format={Uri.EscapeDataString(row.GetString(1))}"),
            cancellation, period.From.Moment, period.To.Moment, source, format);
        var steps = await tables.Read("created_steps", row => new CreationStep(MonitorTables.Time(row, 0), row.GetInt64(1), row.GetInt64(2)),
            cancellation, period.From.Moment, period.To.Moment, source, format, TimeSpan.FromMinutes(stepMinutes));
        return new CreationView(period.From, period.To, groups.Sum(g => g.Created), groups.Sum(g => g.Updated), groups, steps);
    }

    /// <summary>Updates with their differences.</summary>
    /// <param name="from">First moment; null for a day before the end.</param>
    /// <param name="to">First moment after; null for now.</param>
    /// <param name="source">Only this source; null for all.</param>
    /// <param name="limit">1 to 200.</param>
    /// <param name="before">Seq of the last update of the page before; null for the first page.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<Answer<UpdatesView>> Updated(string? from, string? to, string? source, int limit, long? before, CancellationToken cancellation)
    {
        if (Period.Of(from, to, clock) is not { } period)
        {
            return Period.Malformed;
        }
        if (limit is < 1 or > LimitMax || before < 1)
        {
            return new Problem("request-malformed", $"'limit' is 1 to {LimitMax}, 'before' the number of an entry.");
        }
        await tables.CatchUp(cancellation);
        var (start, end) = (period.From.Moment, period.To.Moment);
        var rates = await tables.Read("update_rates", row => new CorrectionRate(row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(2) * 1000 / Math.Max(1, row.GetInt64(1))),
            cancellation, start, end, source);
        var items = await tables.Read("updates", row => new UpdateView(row.GetInt64(0), row.GetInt64(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetInt64(5),
            MonitorTables.Time(row, 6), row.GetString(7), Difference(row.GetString(8), row.GetString(9))), cancellation, start, end, source, before ?? long.MaxValue, (long)limit + 1);
        var page = items.Take(limit).ToList();
        return new UpdatesView(period.From, period.To, rates.Sum(r => r.Updates), rates, page, items.Count <= limit ? null : string.Create(CultureInfo.InvariantCulture,
            $"/v2m/v1/updates?from={period.From}&to={period.To}&limit={limit}&before={page[^1].Seq}{(source is null ? "" : $"&source={Uri.EscapeDataString(source)}")}"));
    }

    private static List<FieldChange> Difference(string before, string after)
    {
        var (old, now) = (Fields(before), Fields(after));
        return [.. old.Keys.Union(now.Keys).Order(StringComparer.Ordinal)
            .Where(name => !(old.TryGetValue(name, out var a) && now.TryGetValue(name, out var b) && JsonElement.DeepEquals(a, b)))
            .Select(name => new FieldChange(name, old.TryGetValue(name, out var a) ? a : null, now.TryGetValue(name, out var b) ? b : null))];
    }

    private static Dictionary<string, JsonElement> Fields(string claims)
    {
        using var json = JsonDocument.Parse(claims);
        return json.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.Clone(), StringComparer.Ordinal);
    }
}
