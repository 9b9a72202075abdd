using System.Globalization;
using System.Text.Json.Nodes;
using EventLedger.Api.Http;
using EventLedger.Api.Provisioning.Records;

namespace EventLedger.Api.Provisioning.Answers;

/// <summary>Answers about licences: records of formats that have a life cycle, found by their number.</summary>
public sealed class LicenceAnswers(RecordTables tables, LicenceTables licences, Snapshot snapshot, RecordAnswers records)
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
        var rows = await licences.Read(number, asOf.Size, cancellation);
        bool Wanted(RecordRow r) => (iss is null || r.Iss == iss) && (format is null || r.Format == format);
        var sealedNow = rows.Sealed.Where(s => Wanted(s.Row)).ToDictionary(s => s.Row.Stream, StringComparer.Ordinal);
        var waiting = rows.Waiting.Where(Wanted).ToList();
        // A licence that was never sealed stands beside one that was, but is only accepted.
        var found = sealedNow.Values.Select(s => s.Row).OrderBy(r => r.Seq).Concat(waiting.Where(w => !sealedNow.ContainsKey(w.Stream)).OrderBy(r => r.Seq)).ToList();
        var linked = await records.Summaries(rows.Linked, asOf, cancellation);
        if (found.Count == 0)
        {
            return Unknown(number, linked);
        }
        var first = found[0];
        SealView? seal = sealedNow.TryGetValue(first.Stream, out var block) ? new(block.Height, block.Time) : null;
        var next = waiting.Find(w => w.Stream == first.Stream && w.Seq > first.Seq);
        // It is the newest as of this block, so no later one supersedes it.
        var status = seal is null ? null : RecordAnswers.StatusOf(first, [], [.. rows.Changes[first.Stream]], asOf);
        var view = View(first, await tables.Format(first.Vct, cancellation), seal, status, next?.Seq, asOf, linked);
        return found.Count == 1 ? view : view with { Choices = await Choices(found, cancellation) };
    }

    private static LicenceView View(RecordRow row, FormatShape format, SealView? seal, StatusView? status, long? waiting, AsOf asOf, IReadOnlyList<RecordSummary> linked)
    {
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
