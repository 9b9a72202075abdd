using System.Globalization;
using EventLedger.Api.Provisioning;
using EventLedger.Api.Provisioning.Answers;
using EventLedger.Domain.Kernel;

namespace EventLedger.Web.Site;

/// <summary>One thing that a search text names.</summary>
/// <param name="Href">Its page.</param>
/// <param name="Text">What it is.</param>
public sealed record Finding(string Href, string Text);

/// <summary>What the one search box makes of a text: licence numbers, record numbers, blocks, hashes, issuers, and words.</summary>
/// <param name="Understood">What the text was taken for, in words.</param>
/// <param name="Exact">What it names.</param>
/// <param name="Words">Records that hold its words; null where the text was no question for words.</param>
public sealed record Findings(string Understood, IReadOnlyList<Finding> Exact, SearchPage? Words)
{
    private const int PageSize = 20;
    private static readonly Tongue T = new();

    // In both languages: who writes "bloque 3" means the same.
    private static readonly string[] BlockWords = ["block ", "bloque "];

    /// <summary>Everything that the text names or says; a whole number may name a record, a block and a licence at once.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="text">As it was typed.</param>
    /// <param name="before">Id of the last record of the page before; null for the first page, on which alone exact finds stand.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static async Task<Findings> Find(PublicLedger ledger, string text, long? before, CancellationToken cancellation)
    {
        if (text.Length == 0)
        {
            return new("", [], null);
        }
        if (BlockWords.FirstOrDefault(w => text.StartsWith(w, StringComparison.OrdinalIgnoreCase)) is { } word && TryNumber(text[word.Length..].Trim(), out var height))
        {
            return new(T["the number of a block"], await Block(ledger, height, cancellation) is { } block ? [block] : [], null);
        }
        var page = (await ledger.Search(text, PageSize, before, cancellation)).Value;
        if (Digest.TryParse(text.ToLowerInvariant(), out var hash))
        {
            var named = Others(page, "block").ToList();
            return new(T["a hash of an entry or a block"], await ledger.FindLeaf(hash, cancellation) is { } id ? [Record(id), .. named] : named, null);
        }
        List<Finding> found = before is null ? [.. await Licence(ledger, text, cancellation), .. await Numbered(ledger, text, cancellation), .. Others(page, "source")] : [];
        return new(Meaning(text, found), found, page);
    }

    private static string Meaning(string text, List<Finding> found) => found switch
    {
        [var one, ..] when one.Href.StartsWith("/licence", StringComparison.Ordinal) => T["the number of a licence"],
        [var one, ..] when one.Href.StartsWith("/source", StringComparison.Ordinal) => T["the name of an issuer"],
        _ when TryNumber(text, out _) => T["a number"],
        _ => T["words"],
    };

    private static async Task<IReadOnlyList<Finding>> Licence(PublicLedger ledger, string text, CancellationToken cancellation)
    {
        foreach (var spelling in Spellings(text))
        {
            // An application without a licence has a page too: it says that there is no licence.
            if ((await ledger.Licence(spelling, null, null, cancellation)).Problem is null or { Code: "licence-not-issued" })
            {
                return [new($"/licence/{Uri.EscapeDataString(spelling)}", T["Licence {0}", spelling])];
            }
        }
        return [];
    }

    private static async Task<IReadOnlyList<Finding>> Numbered(PublicLedger ledger, string text, CancellationToken cancellation)
    {
        if (!TryNumber(text, out var number))
        {
            return [];
        }
        var record = (await ledger.Record(number, cancellation)).Value is null ? null : Record(number);
        return [.. new[] { record, await Block(ledger, number, cancellation) }.OfType<Finding>()];
    }

    // What the tables recognise beside numbers: blocks by their hash, sources by name or address.
    private static IEnumerable<Finding> Others(SearchPage? page, string kind) =>
        (page?.Exact ?? []).Where(e => e.Kind == kind).Select(e => new Finding($"/{kind}/{e.Href[(e.Href.LastIndexOf('/') + 1)..]}", e.Title));

    // As typed, and as it is mostly printed: phones make small letters and long dashes of what stands on the paper.
    private static IEnumerable<string> Spellings(string text) =>
        new[] { text, string.Concat(text.ToUpperInvariant().Select(c => char.GetUnicodeCategory(c) == UnicodeCategory.DashPunctuation ? '-' : c).Where(c => !char.IsWhiteSpace(c))) }.Distinct();

    private static Finding Record(long id) => new(string.Create(CultureInfo.InvariantCulture, $"/record/{id}"), T["Record {0}", id]);

    private static async Task<Finding?> Block(PublicLedger ledger, long height, CancellationToken cancellation) =>
        (await ledger.Block(height, cancellation)).Value is null ? null : new(string.Create(CultureInfo.InvariantCulture, $"/block/{height}"), T["Block {0}", height]);

    private static bool TryNumber(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
