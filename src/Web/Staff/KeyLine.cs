using System.Text.Json;
using EventLedger.Domain.Kernel;

namespace EventLedger.Web.Staff;

/// <summary>One key as a row: whose, for what, since when and for how long.</summary>
/// <param name="Id">Its thumbprint.</param>
/// <param name="Owner">Pseudonym, URI or name.</param>
/// <param name="Purpose">What it signs.</param>
/// <param name="Kind">How a person holds it; null for machines.</param>
/// <param name="Since">The entry from which it counts; 0 or null for the genesis file.</param>
/// <param name="NotAfter">When it ends by itself; null for never.</param>
/// <param name="Ended">Whether it signs nothing new any more.</param>
/// <param name="DaysLeft">Whole days until then; null where it does not end by itself.</param>
public sealed record KeyLine(string Id, string Owner, string Purpose, string? Kind, long? Since, string? NotAfter, bool Ended, long? DaysLeft)
{
    /// <summary>How a person holds it, in a word that people use; null for machines.</summary>
    public string? Holding => Kind is "cli" ? "key file" : Kind;

    /// <summary>Keys of sources, applications and people, those that run out first before the others.</summary>
    /// <param name="answer">What <c>/o2c/v1/keys</c> says.</param>
    /// <param name="now">The moment to count from.</param>
    public static IReadOnlyList<KeyLine> Of(JsonElement answer, DateTimeOffset now) =>
        [.. answer.Items("keys").Select(k => Read(k.At("state"), now)).OrderBy(k => k.Ended).ThenBy(k => k.DaysLeft ?? long.MaxValue).ThenBy(k => k.Owner, StringComparer.Ordinal)];

    /// <summary>Keys of the seats; they stand in the chain's own set and end with it.</summary>
    public static IEnumerable<KeyLine> OfValidators(JsonElement answer) => answer.Items("validators").SelectMany(v => new[] { ("kid", "consensus"), ("transport", "transport") }
        .Where(p => v.Text(p.Item1) is not null).Select(p => new KeyLine(v.Text(p.Item1)!, v.Text("name")!, p.Item2, null, null, null, false, null)));

    private static KeyLine Read(JsonElement key, DateTimeOffset now)
    {
        var ends = LedgerTime.TryParse(key.Text("notAfter"), out var end);
        var left = ends ? Math.Max(0, (long)(end.Moment - now).TotalDays) : (long?)null;
        return new(key.Text("kid")!, key.Text("owner")!, key.Text("purpose")!, key.Text("kind"), key.Number("fromSeq"), key.Text("notAfter"),
            key.Number("untilSeq") is not null || (ends && end.Moment <= now), left);
    }
}
