using System.Globalization;
using EventLedger.Api.Provisioning;
using EventLedger.Domain.Kernel;

namespace EventLedger.Web.Site;

/// <summary>One thing that a search text may mean: the one search box takes licence numbers, record numbers, blocks and hashes.</summary>
/// <param name="Href">Its page.</param>
/// <param name="Text">What it is.</param>
public sealed record Finding(string Href, string Text)
{
    private const string BlockWord = "block ";

    /// <summary>Everything that the text names; a whole number may name a record, a block and a licence at once.</summary>
    public static async Task<IReadOnlyList<Finding>> Find(PublicLedger ledger, string text, CancellationToken cancellation)
    {
        if (text.Length == 0)
        {
            return [];
        }
        if (Digest.TryParse(text.ToLowerInvariant(), out var hash))
        {
            return await ledger.FindLeaf(hash, cancellation) is { } id ? [Record(id)] : [];
        }
        if (text.StartsWith(BlockWord, StringComparison.OrdinalIgnoreCase) && TryNumber(text[BlockWord.Length..].Trim(), out var named))
        {
            return await Block(ledger, named, cancellation) is { } block ? [block] : [];
        }
        var found = new List<Finding>();
        foreach (var spelling in Spellings(text))
        {
            // An application without a licence has a page too: it says that there is no licence.
            if ((await ledger.Licence(spelling, null, null, cancellation)).Problem is null or { Code: "licence-not-issued" })
            {
                found.Add(new($"/licence/{Uri.EscapeDataString(spelling)}", $"Licence {spelling}"));
                break;
            }
        }
        if (TryNumber(text, out var number))
        {
            if ((await ledger.Record(number, cancellation)).Value is not null)
            {
                found.Add(Record(number));
            }
            if (await Block(ledger, number, cancellation) is { } block)
            {
                found.Add(block);
            }
        }
        return found;
    }

    // As typed, and as it is mostly printed: phones make small letters and long dashes of what stands on the paper.
    private static IEnumerable<string> Spellings(string text) =>
        new[] { text, string.Concat(text.ToUpperInvariant().Select(c => char.GetUnicodeCategory(c) == UnicodeCategory.DashPunctuation ? '-' : c).Where(c => !char.IsWhiteSpace(c))) }.Distinct();

    private static Finding Record(long id) => new(string.Create(CultureInfo.InvariantCulture, $"/record/{id}"), string.Create(CultureInfo.InvariantCulture, $"Record {id}"));

    private static async Task<Finding?> Block(PublicLedger ledger, long height, CancellationToken cancellation) =>
        (await ledger.Block(height, cancellation)).Value is null
            ? null
            : new(string.Create(CultureInfo.InvariantCulture, $"/block/{height}"), string.Create(CultureInfo.InvariantCulture, $"Block {height}"));

    private static bool TryNumber(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
