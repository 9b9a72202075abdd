using System.Globalization;
using System.Text.Json.Nodes;
using EventLedger.Api.Http;
using EventLedger.Api.Provisioning.Records;
using EventLedger.Domain.Kernel;
using EventLedger.EventStore;

namespace EventLedger.Api.Provisioning.Answers;

/// <summary>Answers about single records and lists of them.</summary>
public sealed class RecordAnswers(RecordTables tables, Snapshot snapshot, IEventStore store)
{
    /// <summary>Most records of one page.</summary>
    public const int LimitMax = 1000;

    /// <summary>A page of records.</summary>
    /// <param name="state">sealed, accepted, or null for both.</param>
    /// <param name="format">Format id, or null for all.</param>
    /// <param name="iss">Source, or null for all.</param>
    /// <param name="limit">1 to 1000.</param>
    /// <param name="after">Id of the last record of the page before; 0 for the first page.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<Answer<RecordPage>> Page(string? state, string? format, string? iss, int limit, long after, CancellationToken cancellation)
    {
        if (limit is < 1 or > LimitMax || after < 0 || state is not (null or RecordState.Sealed or RecordState.Accepted))
        {
            return new Problem("request-malformed", $"'limit' is 1 to {LimitMax}, 'after' 0 or more, 'state' is sealed or accepted.");
        }
        var asOf = await snapshot.Now(cancellation);
        var all = state switch
        {
            RecordState.Sealed => new RecordRange(0, asOf.Size, format, iss),
            RecordState.Accepted => new(asOf.Size, long.MaxValue, format, iss),
            _ => new(0, long.MaxValue, format, iss),
        };
        var total = await tables.Total(all, cancellation);
        var rows = await tables.Page(all with { After = Math.Max(all.After, after) }, limit, cancellation);
        var items = await Summaries(rows, asOf, cancellation);
        return new RecordPage(total, asOf, items, rows.Count == limit ? Next(state, format, iss, limit, rows[^1].Seq) : null);
    }

    /// <summary>One record.</summary>
    public async Task<Answer<RecordView>> Record(long seq, CancellationToken cancellation)
    {
        var asOf = await snapshot.Now(cancellation);
        if (await tables.Record(seq, cancellation) is not { } row)
        {
            return await Unknown(seq, cancellation);
        }
        var format = await tables.Format(row.Vct, cancellation);
        var versions = await tables.Versions(row.Stream, cancellation);
        var seal = await snapshot.SealOf(seq, asOf, cancellation);
        StatusView? status = null;
        if (seal is not null && row.HasLifecycle)
        {
            status = StatusOf(row, versions, await tables.Changes(row.Stream, cancellation), asOf);
        }
        var newest = versions.LastOrDefault(v => v.Seq <= asOf.Size);
        return new RecordView(row.Seq, seal is null ? RecordState.Accepted : RecordState.Sealed, row.Title, new(row.Iss, row.Source), Kind(format), row.Version, row.Time,
            seal, status, Expiry(row), row.Claims, format.Withheld, row.Leaf.ToString(), row.Jti, newest?.Seq > seq ? newest.Seq : null, asOf, Links(row, seal is not null))
        {
            Shape = format,
            LicenceNumber = row.HasLifecycle ? row.Number : null,
        };
    }

    /// <summary>The life of a record's stream.</summary>
    public async Task<Answer<HistoryView>> History(long seq, CancellationToken cancellation)
    {
        var asOf = await snapshot.Now(cancellation);
        if (await tables.Record(seq, cancellation) is not { } row)
        {
            return await Unknown(seq, cancellation);
        }
        var steps = new List<HistoryStep>();
        var submitted = (await tables.Versions(row.Stream, cancellation)).Select(v => (v.Seq, What: v.Correction is null ? "submitted" : "corrected", v.Time, Reason: v.Correction));
        var changed = (await tables.Changes(row.Stream, cancellation)).Select(c => (c.Seq, What: c.Change, c.Time, c.Reason));
        foreach (var (id, what, time, reason) in submitted.Concat(changed).OrderBy(s => s.Seq))
        {
            var seal = await snapshot.SealOf(id, asOf, cancellation);
            steps.Add(new(id, what, seal is null ? RecordState.Accepted : RecordState.Sealed, time, reason, seal));
        }
        return new HistoryView(row.Title, asOf, steps);
    }

    /// <summary>Where a record comes from: source, key, format, entry, block.</summary>
    public async Task<Answer<LineageView>> Lineage(long seq, CancellationToken cancellation)
    {
        var asOf = await snapshot.Now(cancellation);
        if (await tables.Record(seq, cancellation) is not { } row)
        {
            return await Unknown(seq, cancellation);
        }
        var steps = new List<LineageStep>();
        if (await tables.Source(row.Iss, cancellation) is { } source)
        {
            steps.Add(new("source", $"{source.Name} ({source.Iss}) was admitted as a source; it is {source.State}.", source.Seq, (await snapshot.SealOf(source.Seq, asOf, cancellation))?.Height));
        }
        if (await tables.Key(row.Kid, cancellation) is { } key)
        {
            steps.Add(new("key", $"Key {row.Kid} was registered for its records.", key.Seq, (await snapshot.SealOf(key.Seq, asOf, cancellation))?.Height));
        }
        if (await tables.FormatSeq(row.Vct, cancellation) is { } formatSeq)
        {
            steps.Add(new("format", $"Format {row.Vct} was registered.", formatSeq, (await snapshot.SealOf(formatSeq, asOf, cancellation))?.Height));
        }
        foreach (var version in (await tables.Versions(row.Stream, cancellation)).Where(v => v.Seq <= seq))
        {
            steps.Add(new("record", $"{version.Title} was submitted as {version.Jti}.", version.Seq, (await snapshot.SealOf(version.Seq, asOf, cancellation))?.Height));
        }
        if (await snapshot.SealOf(seq, asOf, cancellation) is { } seal)
        {
            steps.Add(new("block", string.Create(CultureInfo.InvariantCulture, $"Sealed in block {seal.Height} at {seal.Time}."), null, seal.Height));
        }
        return new LineageView(row.Title, asOf, steps);
    }

    /// <summary>Rows as people may see them.</summary>
    public async Task<IReadOnlyList<RecordSummary>> Summaries(IEnumerable<RecordRow> rows, AsOf asOf, CancellationToken cancellation)
    {
        var items = new List<RecordSummary>();
        foreach (var row in rows)
        {
            var format = await tables.Format(row.Vct, cancellation);
            items.Add(new(row.Seq, row.Seq <= asOf.Size ? RecordState.Sealed : RecordState.Accepted, row.Title, new(row.Iss, row.Source), Kind(format), row.Time, row.Claims)
            {
                Shape = format,
            });
        }
        return items;
    }

    internal static StatusView StatusOf(RecordRow row, IReadOnlyList<RecordRow> versions, IReadOnlyList<ChangeRow> changes, AsOf asOf)
    {
        var (status, change) = Standing.Of(row, versions, changes, asOf);
        return new(status, change?.Time, change?.Reason);
    }

    internal static FormatView Kind(FormatShape format) => new(format.Id, format.Version, format.Title);

    internal static LedgerTime? Expiry(RecordRow row) => row.Exp is { } seconds ? new LedgerTime(seconds * 1000) : null;

    private static Dictionary<string, string> Links(RecordRow row, bool isSealed)
    {
        var self = string.Create(CultureInfo.InvariantCulture, $"/u2s/v1/records/{row.Seq}");
        var links = new Dictionary<string, string> { ["self"] = self, ["history"] = $"{self}/history", ["lineage"] = $"{self}/lineage" };
        if (isSealed)
        {
            links["proof"] = $"{self}/proof";
        }
        if (row.HasLifecycle)
        {
            links["licence"] = LicenceAnswers.Href(row.Number);
        }
        return links;
    }

    private static string Next(string? state, string? format, string? iss, int limit, long after)
    {
        var query = QueryString.Create(new Dictionary<string, string?>
        {
            ["state"] = state, ["format"] = format, ["iss"] = iss,
            ["limit"] = limit.ToString(CultureInfo.InvariantCulture), ["after"] = after.ToString(CultureInfo.InvariantCulture),
        }.Where(q => q.Value is not null));
        return $"/u2s/v1/records{query}";
    }

    private async Task<Problem> Unknown(long seq, CancellationToken cancellation)
    {
        var end = await store.Head(cancellation);
        if (seq < 1 || seq > end.Seq)
        {
            return new("seq-unknown", $"There is no record {seq}: the ledger holds entries 1 to {end.Seq}.");
        }
        var rejected = await store.Rejections(seq, seq, cancellation);
        return rejected.Count > 0
            ? new("record-rejected", $"Entry {seq} was sealed as rejected ({rejected[0].Code}) and has no effect.", ("rejection", JsonValue.Create(rejected[0].Code)))
            : new("seq-unknown", $"Entry {seq} is not a record: it concerns the running of the ledger itself, or has only just arrived.");
    }
}
