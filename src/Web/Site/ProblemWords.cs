namespace EventLedger.Web.Site;

/// <summary>The problems that a reader of the public pages can meet, in the reader's language. All others are for programs and stay as the catalog has them.</summary>
public static class ProblemWords
{
    private static readonly Tongue T = new();

    /// <summary>What a code means; null where a reader of pages does not meet it.</summary>
    public static string? Of(string code) => code switch
    {
        "licence-unknown" => T["There is no licence with this number. Compare it with the paper, sign by sign."],
        "licence-not-issued" => T["There are records with this number, but no licence."],
        "seq-unknown" => T["There is no record with this number."],
        "record-rejected" => T["The validators rejected this entry. It has no effect."],
        "height-unknown" => T["There is no block with this number yet."],
        "source-not-found" => T["There is no such source."],
        "case-unknown" => T["There is no report with this number. Compare it with what you wrote down."],
        "query-malformed" or "request-malformed" => T["The request could not be read. Put it right and send it again."],
        "read-only" => T["The ledger takes in nothing new at present. Try again later; what is sealed can be read and checked as always."],
        "rate-limited" => T["There were too many reports from your connection in the last minute. Wait a minute and send it again."],
        _ => null,
    };
}
