using System.Globalization;
using EventLedger.Api.Http;
using EventLedger.Api.Provisioning.Records;

namespace EventLedger.Api.Provisioning.Answers;

/// <summary>What one search box finds: things that the text names exactly, and records that hold its words.</summary>
/// <param name="Total">How many records hold the words, exactly.</param>
/// <param name="AsOf">The sealed block that the answer speaks as of.</param>
/// <param name="Exact">Blocks, records, licences and sources that the text names: by height, id, hash, number, URI or name.</param>
/// <param name="Items">Records that hold the words, newest first.</param>
/// <param name="Next">Address of the next page; null on the last.</param>
public sealed record SearchPage(long Total, AsOf AsOf, IReadOnlyList<SearchHit> Exact, IReadOnlyList<RecordSummary> Items, string? Next);

/// <summary>Something that a text names.</summary>
/// <param name="Kind">block, record, licence or source.</param>
/// <param name="Title">For people.</param>
/// <param name="Href">Where it is.</param>
public sealed record SearchHit(string Kind, string Title, string Href);

/// <summary>Answers one search box. Source: ITU-T Y.4561 (08/2020) 7.1.2, 7.2.2.</summary>
public sealed class SearchAnswers(SearchTables tables, Snapshot snapshot, RecordAnswers records)
{
    private const int TextLengthMax = 200, LimitMax = 200;

    /// <summary>A page.</summary>
    /// <param name="text">1 to 200 characters: a number, hash, height, id, URI, or words; "phrases", or, -not.</param>
    /// <param name="limit">1 to 200.</param>
    /// <param name="before">Id of the last record of the page before; null for the first.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<Answer<SearchPage>> Page(string? text, int limit, long? before, CancellationToken cancellation)
    {
        var typed = text?.Trim() ?? "";
        if (typed.Length is 0 or > TextLengthMax || typed.Contains('\0', StringComparison.Ordinal) || limit is < 1 or > LimitMax || before < 1)
        {
            return new Problem("query-malformed", $"'q' has 1 to {TextLengthMax} characters, 'limit' is 1 to {LimitMax}, 'before' is an id.");
        }
        var asOf = await snapshot.Now(cancellation);
        var exact = before is null ? await tables.Recognise(typed, asOf, cancellation) : [];
        var total = await tables.Total(typed, asOf.Size, cancellation);
        var rows = await tables.Search(typed, asOf.Size, before ?? long.MaxValue, limit, cancellation);
        var next = rows.Count == limit ? string.Create(CultureInfo.InvariantCulture, $"/u2s/v1/search?q={Uri.EscapeDataString(typed)}&limit={limit}&before={rows[^1].Seq}") : null;
        return new SearchPage(total, asOf, [.. exact.Select(Hit)], await records.Summaries(rows, asOf, cancellation), next);
    }

    private static SearchHit Hit(Recognised found) => new(found.Kind, found.Title, found.Kind switch
    {
        "licence" => LicenceAnswers.Href(found.Name),
        "block" => $"/u2s/v1/blocks/{found.Name}",
        "source" => $"/u2s/v1/sources/{found.Name}",
        _ => $"/u2s/v1/records/{found.Name}",
    });
}
