using System.Text.Json;

namespace EventLedger.Web.Staff.Registrar;

/// <summary>
/// Where in the flow of questions a person is. It stands in the address, so that back and reload work; what is answered does not, for it may be personal: that lies in
/// this browser until it is signed.
/// </summary>
/// <param name="Vct">Format; null before one was chosen.</param>
/// <param name="Iss">Source; null where the format has one alone.</param>
/// <param name="Act"><c>issue</c>, <c>renew</c>, <c>correct</c> or <c>replace</c>.</param>
/// <param name="Number">The licence that stands; null for a new one.</param>
/// <param name="Draft">Name of what was typed, in this browser.</param>
/// <param name="Field">The question; <c>check</c> for the end.</param>
/// <param name="IsBack">Whether the answer leads back to the check.</param>
/// <param name="Wrong">What is wrong with the answer.</param>
public sealed record IssueAddress(string? Vct, string? Iss, string Act, string? Number, string? Draft, string? Field, bool IsBack, string? Wrong)
{
    /// <summary>Name of the page at the end.</summary>
    public const string Check = "check";

    /// <summary>Reads it.</summary>
    public static IssueAddress From(IQueryCollection query) => new(Text(query["vct"]), Text(query["iss"]), Text(query["act"]) is "renew" or "correct" or "replace" ? query["act"].ToString() : "issue",
        Text(query["number"]), Text(query["d"]), Text(query["q"]), query["back"] == "yes", Text(query["wrong"]));

    /// <summary>The page of another question.</summary>
    public string To(string? field, bool isBack = false, string? wrong = null) => (this with { Field = field, IsBack = isBack, Wrong = wrong }).ToString();

    /// <summary>The questions that are asked one by one; the others wait on the last page with their answers.</summary>
    public IReadOnlyList<FieldQuestion> Asked(DeskFormat format) => Act switch
    {
        "renew" => [.. format.Questions.Where(q => q.Name == format.EndField || MustAskAgain(q))],
        "correct" => [.. format.Questions.Where(q => IsReason(q) || MustAskAgain(q))],
        "replace" => [.. format.Questions.Where(q => format.Shape.Key.Contains(q.Name) || MustAskAgain(q))],
        _ => format.Questions,
    };

    /// <summary>
    /// Whether a record that stands already settles a question: a number is not corrected, it is another licence, and a renewal changes nothing but the end, for
    /// what else is changed is a correction and takes two people.
    /// </summary>
    public bool IsFixed(DeskFormat format, FieldQuestion question, JsonElement before) =>
        Act is "renew" ? format.Stays(question, before) : Act is "correct" && format.Shape.Key.Contains(question.Name);

    /// <inheritdoc/>
    public override string ToString() => DeskLedger.Query("/staff/desk/issue",
        ("vct", Vct), ("iss", Iss), ("act", Act == "issue" ? null : Act), ("number", Number), ("d", Draft), ("q", Field), ("back", IsBack ? "yes" : null), ("wrong", Wrong));

    // What is protected does not come out of the ledger by itself, so the new record must be told it again.
    private static bool MustAskAgain(FieldQuestion question) => question.IsHidden;

    private static bool IsReason(FieldQuestion question) => question.Name is DeskFormat.Correction or "reason" or "remark" or "remarks" or "note" or "notes" or "correctionReason" or "changeReason";

    private static string? Text(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
