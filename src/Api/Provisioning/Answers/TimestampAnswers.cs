using System.Globalization;
using System.Text.Json.Nodes;
using EventLedger.Api.Doors;
using EventLedger.Api.Http;
using EventLedger.Api.Provisioning.Records;
using EventLedger.Domain.Kernel;

namespace EventLedger.Api.Provisioning.Answers;

/// <summary>Records by the time at which they were sealed.</summary>
/// <param name="Total">How many there are in all, exactly.</param>
/// <param name="AsOf">The newest sealed block.</param>
/// <param name="Items">In log order.</param>
/// <param name="Next">Address of the next page; null on the last.</param>
public sealed record TimestampPage(long Total, AsOf AsOf, IReadOnlyList<TimestampItem> Items, string? Next);

/// <summary>A record and when it certainly existed.</summary>
/// <param name="Record">The record.</param>
/// <param name="Leaf">Hash of its entry.</param>
/// <param name="Sealed">The block that more than two thirds of the validators signed: whatever it holds existed before its time.</param>
/// <param name="ExistedBefore">Whether that block is not later than the time asked for; null where no time was.</param>
/// <param name="ProofHref">Where the bundle that proves the time offline is.</param>
/// <param name="Proof">The bundle itself, where it was asked for.</param>
public sealed record TimestampItem(RecordSummary Record, string Leaf, SealView Sealed, bool? ExistedBefore, string ProofHref, JsonNode? Proof);

/// <summary>Answers what existed before a time. Block time is the only time that counts: neither source nor host can move it. Source: ITU-T Y.4561 (08/2020) 8.3.</summary>
public sealed class TimestampAnswers(SearchTables search, RecordTables tables, Snapshot snapshot, RecordAnswers records, IS2P processing)
{
    private const int LimitMax = 1000, ProofsMax = 20;

    /// <summary>Records with a hash: that of their entry, or one that they name in a public field.</summary>
    /// <param name="hash">64 hex digits.</param>
    /// <param name="before">Whether it existed before this time; null for no such question.</param>
    /// <param name="withProof">Puts the proof bundles into the answer; then at most 20 records.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<Answer<TimestampPage>> ByHash(string hash, string? before, bool withProof, CancellationToken cancellation)
    {
        LedgerTime limit = default;
        if (!Digest.TryParse(hash, out var digest) || (before is not null && !LedgerTime.TryParse(before, out limit)))
        {
            return Malformed;
        }
        var asOf = await snapshot.Now(cancellation);
        var rows = await search.ByHash(digest, asOf.Size, cancellation);
        var items = new List<TimestampItem>();
        foreach (var row in rows.Take(withProof ? ProofsMax : rows.Count))
        {
            items.Add(await Item(row.Row, new(row.Height, row.Time), before is null ? null : row.Time <= limit, asOf, withProof, cancellation));
        }
        return new TimestampPage(rows.Count, asOf, items, null);
    }

    /// <summary>Records that were sealed after one time and not after another.</summary>
    /// <param name="after">Null for the beginning.</param>
    /// <param name="before">Null for now.</param>
    /// <param name="format">Format id, or null for all.</param>
    /// <param name="limit">1 to 1000.</param>
    /// <param name="from">Id of the last record of the page before; 0 for the first.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<Answer<TimestampPage>> Between(string? after, string? before, string? format, int limit, long from, CancellationToken cancellation)
    {
        LedgerTime first = default, last = default;
        if ((after is not null && !LedgerTime.TryParse(after, out first)) || (before is not null && !LedgerTime.TryParse(before, out last)) || limit is < 1 or > LimitMax || from < 0)
        {
            return Malformed;
        }
        var asOf = await snapshot.Now(cancellation);
        var low = after is null ? 0 : (await search.At(first, cancellation))?.Size ?? 0;
        var high = before is null ? asOf.Size : Math.Min(asOf.Size, (await search.At(last, cancellation))?.Size ?? 0);
        var range = new RecordRange(low, Math.Max(low, high), format, null);
        var total = await tables.Total(range, cancellation);
        var rows = await search.Between(range with { After = Math.Max(low, from) }, limit, cancellation);
        var items = new List<TimestampItem>();
        foreach (var row in rows)
        {
            items.Add(await Item(row.Row, new(row.Height, row.Time), null, asOf, false, cancellation));
        }
        return new TimestampPage(total, asOf, items, rows.Count == limit ? Next(after, before, format, limit, rows[^1].Row.Seq) : null);
    }

    private async Task<TimestampItem> Item(RecordRow row, SealView seal, bool? existed, AsOf asOf, bool withProof, CancellationToken cancellation)
    {
        var proof = withProof ? (await processing.ProofOfRecord(row.Seq, cancellation)).Value is { } bundle ? JsonNode.Parse(bundle.ToBytes()) : null : null;
        return new((await records.Summaries([row], asOf, cancellation))[0], row.Leaf.ToString(), seal, existed,
            string.Create(CultureInfo.InvariantCulture, $"/u2s/v1/records/{row.Seq}/proof"), proof);
    }

    private static string Next(string? after, string? before, string? format, int limit, long from)
    {
        var query = QueryString.Create(new Dictionary<string, string?>
        {
            ["after"] = after, ["before"] = before, ["format"] = format, ["limit"] = limit.ToString(CultureInfo.InvariantCulture), ["from"] = from.ToString(CultureInfo.InvariantCulture),
        }.Where(q => q.Value is not null));
        return $"/u2s/v1/timestamps{query}";
    }

    private static Problem Malformed => new("query-malformed",
        $"'hash' is 64 hex digits, times are as in 2026-01-01T00:00:00.000Z, 'limit' is 1 to {LimitMax}, 'from' an id.");
}
