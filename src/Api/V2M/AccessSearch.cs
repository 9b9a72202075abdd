using System.Globalization;
using EventLedger.Api.Doors;
using EventLedger.Api.Provisioning.Answers;
using EventLedger.Api.V2M.Tables;
using EventLedger.Domain.Kernel;
using EventLedger.EventStore;

namespace EventLedger.Api.V2M;

/// <summary>Reads of protected fields, as a supervisor searches them.</summary>
/// <param name="From">First moment.</param>
/// <param name="To">First moment after.</param>
/// <param name="Items">Newest first.</param>
/// <param name="Purposes">How often each purpose was given among them.</param>
/// <param name="AtNight">How many of them were made between 20 and 6 o'clock UTC.</param>
/// <param name="Next">Address of the next page; null when all was looked at.</param>
public sealed record AccessesView(LedgerTime From, LedgerTime To, IReadOnlyList<AccessRead> Items, IReadOnlyDictionary<string, long> Purposes, long AtNight, string? Next);

/// <summary>One read.</summary>
/// <param name="Entry">The entry that says so.</param>
/// <param name="Time">When.</param>
/// <param name="User">Who read: a pseudonym or an application's URI; null where the values were erased.</param>
/// <param name="Organisation">For whom.</param>
/// <param name="Record">Which record.</param>
/// <param name="Fields">Which fields.</param>
/// <param name="Purpose">What for.</param>
/// <param name="Grants">Under which grants.</param>
public sealed record AccessRead(long Entry, LedgerTime Time, string? User, string? Organisation, long? Record, IReadOnlyList<string>? Fields, string? Purpose, IReadOnlyList<string>? Grants);

/// <summary>Supervises who reads what, and what for. Source: ITU-T Y.4561 (08/2020) 7.1.5, 8.5.</summary>
public sealed class AccessSearch(MonitorTables tables, IEventStore store, IM2S provisioning, TimeProvider clock)
{
    /// <summary>Most reads of a page.</summary>
    public const int LimitMax = 500;

    // Values stand in sidecars, which no index knows: a page opens at most so many.
    private const int OpenedMax = 2000, NightBegins = 20, NightEnds = 6;

    /// <summary>What is looked for.</summary>
    /// <param name="Iss">With <paramref name="Subject"/>: the source that knows the person.</param>
    /// <param name="Subject">Reads of this person's data.</param>
    /// <param name="User">Reads by this pseudonym or application.</param>
    /// <param name="Purpose">Reads for this purpose.</param>
    public sealed record Wanted(string? Iss, string? Subject, string? User, string? Purpose);

    /// <summary>A page, newest first.</summary>
    public async Task<Answer<AccessesView>> Page(string? from, string? to, Wanted wanted, int limit, long? before, CancellationToken cancellation)
    {
        if (Period.Of(from, to, clock) is not { } period)
        {
            return Period.Malformed;
        }
        if (limit is < 1 or > LimitMax || before < 1 || wanted.Iss is null != wanted.Subject is null)
        {
            return new Problem("request-malformed", $"'limit' is 1 to {LimitMax}, 'before' the number of an entry; 'iss' and 'subject' come together.");
        }
        await tables.CatchUp(cancellation);
        var stream = wanted.Subject is null ? null : provisioning.ReadsOf(wanted.Iss!, wanted.Subject);
        var rows = await tables.Read("accesses", row => (Seq: row.GetInt64(0), Time: MonitorTables.Time(row, 1)), cancellation,
            period.From.Moment, period.To.Moment, stream, before ?? long.MaxValue, (long)OpenedMax);
        var (items, last) = (new List<AccessRead>(), 0L);
        foreach (var (seq, time) in rows)
        {
            if (items.Count == limit)
            {
                break;
            }
            last = seq;
            var note = await store.ReadAll(seq, 1, cancellation) is [var stored] ? await provisioning.OpenRead(stored.Entry, cancellation) : null;
            if ((wanted.User is null || note?.Actor == wanted.User) && (wanted.Purpose is null || note?.Purpose == wanted.Purpose))
            {
                items.Add(new(seq, time, note?.Actor, note?.Organisation, note?.Record, note?.Fields, note?.Purpose, note?.Grants));
            }
        }
        var isMore = rows.Count > 0 && (rows.Count == OpenedMax || last != rows[^1].Seq);
        return new AccessesView(period.From, period.To, items, items.Where(i => i.Purpose is not null).GroupBy(i => i.Purpose!).ToDictionary(g => g.Key, g => (long)g.Count()),
            items.Count(i => i.Time.Moment.Hour is >= NightBegins or < NightEnds), isMore ? Next(period, wanted, limit, last) : null);
    }

    private static string Next(Period period, Wanted wanted, int limit, long last) => string.Create(CultureInfo.InvariantCulture,
        $"/v2m/v1/accesses?from={period.From}&to={period.To}&limit={limit}&before={last}{Name("iss", wanted.Iss)}{Name("subject", wanted.Subject)}{Name("user", wanted.User)}{Name("purpose", wanted.Purpose)}");

    private static string Name(string name, string? value) => value is null ? "" : $"&{name}={Uri.EscapeDataString(value)}";
}
