using System.Globalization;
using System.Text.Json.Nodes;
using EventLedger.Api.Provisioning.Records;

namespace EventLedger.Api.Provisioning.Answers;

/// <summary>Answers about licences: records of formats that have a life cycle, found by their number.</summary>
public sealed class LicenceAnswers(RecordTables tables, Snapshot snapshot, RecordAnswers records)
{
    /// <summary>Longest number that is looked up, in characters.</summary>
    public const int NumberLengthMax = 200;

    /// <summary>Address of a licence.</summary>
    public static string Href(string number, string? iss = null, string? format = null)
    {
        var query = QueryString.Create(new Dictionary<string, string?> { ["iss"] = iss, ["format"] = format }.Where(q => q.Value is not null));
        return $"/u2s/v1/licences/{Uri.EscapeDataString(number)}{query}";
    }

    /// <summary>The licence with a number, or several where sources share it.</summary>
    /// <param name="number">The number.</param>
    /// <param name="iss">Picks one source's.</param>
    /// <param name="format">Picks one format's.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<Answer<LicenceView>> Licence(string number, string? iss, string? format, CancellationToken cancellation)
    {
        if (number.Length is 0 or > NumberLengthMax || number.Contains('\0', StringComparison.Ordinal))
        {
            return new Problem("request-malformed", $"A licence number has 1 to {NumberLengthMax} characters.");
        }
        var asOf = await snapshot.Now(cancellation);
        bool Wanted(RecordRow r) => r.HasLifecycle && (iss is null || r.Iss == iss) && (format is null || r.Format == format);
        var sealedNow = (await tables.ByNumber(number, asOf.Size, cancellation)).Where(Wanted).ToList();
        var newest = (await tables.ByNumber(number, long.MaxValue, cancellation)).Where(Wanted).ToList();
        // A licence that was never sealed stands beside one that was, but is only accepted.
        var found = newest.Select(n => sealedNow.Find(s => s.Stream == n.Stream) ?? n).OrderBy(r => r.Seq > asOf.Size).ThenBy(r => r.Seq).ToList();
        var linked = await records.Summaries(await tables.Linked(await tables.LicenceFields(cancellation), number, long.MaxValue, cancellation), asOf, cancellation);
        if (found.Count == 0)
        {
            return Unknown(number, linked);
        }
        var first = found[0];
        var waiting = newest.First(n => n.Stream == first.Stream).Seq;
        var view = await View(first, waiting > first.Seq ? waiting : null, asOf, linked, cancellation);
        return found.Count == 1 ? view : view with { Choices = await Choices(found, cancellation) };
    }

    private async Task<LicenceView> View(RecordRow row, long? waiting, AsOf asOf, IReadOnlyList<RecordSummary> linked, CancellationToken cancellation)
    {
        var format = await tables.Format(row.Vct, cancellation);
        var seal = await snapshot.SealOf(row.Seq, asOf, cancellation);
        StatusView? status = null;
        if (seal is not null)
        {
            status = RecordAnswers.StatusOf(row, await tables.Versions(row.Stream, cancellation), await tables.Changes(row.Stream, cancellation), asOf);
        }
        // Another body's records may bear the same number by chance; they come last and say whose they are.
        var locations = linked.OrderBy(l => l.Issuer.Iss != row.Iss).ThenBy(l => l.Id).ToList();
        return new(row.Number, seal is null ? RecordState.Accepted : RecordState.Sealed, status, RecordAnswers.Expiry(row), asOf, new(row.Iss, row.Source),
            RecordAnswers.Kind(format), row.Title, row.Claims, format.Withheld, new(row.Seq, row.Version, row.Time, seal, row.Leaf.ToString()), waiting, locations,
            Links(row, seal is not null))
        {
            Shape = format,
        };
    }

    private async Task<IReadOnlyList<LicenceChoice>> Choices(List<RecordRow> found, CancellationToken cancellation)
    {
        var choices = new List<LicenceChoice>();
        foreach (var row in found)
        {
            var format = await tables.Format(row.Vct, cancellation);
            choices.Add(new(new(row.Iss, row.Source), RecordAnswers.Kind(format), row.Title, Href(row.Number, row.Iss, row.Format)));
        }
        return choices;
    }

    private static Dictionary<string, string> Links(RecordRow row, bool isSealed)
    {
        var self = Href(row.Number);
        var links = new Dictionary<string, string>
        {
            ["self"] = self,
            ["history"] = $"{self}/history",
            ["lineage"] = $"{self}/lineage",
            ["record"] = string.Create(CultureInfo.InvariantCulture, $"/u2s/v1/records/{row.Seq}"),
            ["page"] = $"/licence/{Uri.EscapeDataString(row.Number)}",
        };
        if (isSealed)
        {
            links["proof"] = $"{self}/proof";
        }
        return links;
    }

    private static Problem Unknown(string number, IReadOnlyList<RecordSummary> linked)
    {
        if (linked.Count == 0)
        {
            return new("licence-unknown",
                $"There is no licence with the number {number}. Compare it with the paper, sign by sign; if it is right, ask the authority that is said to have issued it.");
        }
        var list = new JsonArray([.. linked.Take(20).Select(l => new JsonObject
        {
            ["id"] = l.Id, ["title"] = l.Title, ["issuer"] = l.Issuer.Name, ["href"] = string.Create(CultureInfo.InvariantCulture, $"/u2s/v1/records/{l.Id}"),
        })]);
        return new("licence-not-issued",
            $"No licence has been issued under the number {number}. There is only this: {linked[0].Format.Title}, entered by {linked[0].Issuer.Name}. It gives no permission.",
            ("records", list));
    }
}
