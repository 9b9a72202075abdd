using System.Globalization;
using System.Text.Json;

namespace EventLedger.Web.Staff.Registrar;

/// <summary>One row of a registrar's work.</summary>
/// <param name="Number">The licence's number, or the record's title where it is none.</param>
/// <param name="Kind">What kind of record.</param>
/// <param name="Ends">Its last day; null for none.</param>
/// <param name="State">valid, suspended and so on; null where that was not asked.</param>
/// <param name="Entered">When it was entered.</param>
/// <param name="Href">Its page.</param>
/// <param name="Id">Its place in the log.</param>
public sealed record WorkRow(string Number, string Kind, string? Ends, string? State, string? Entered, string Href, long Id);

/// <summary>What lies on a registrar's desk.</summary>
/// <param name="Due">What runs out in the time asked for, soonest first.</param>
/// <param name="DueTotal">How many that are in all.</param>
/// <param name="DueFiles">All of them, as addresses of the API.</param>
/// <param name="Waiting">What waits for its seal.</param>
/// <param name="WaitingTotal">How many that are in all.</param>
/// <param name="Latest">What was entered last, newest first.</param>
/// <param name="AsOf">An answer that says as of which block.</param>
public sealed record DeskWork(IReadOnlyList<WorkRow> Due, long DueTotal, IReadOnlyList<(string Title, string Path)> DueFiles, IReadOnlyList<WorkRow> Waiting, long WaitingTotal,
    IReadOnlyList<WorkRow> Latest, JsonElement AsOf)
{
    private const int Shown = 25, LatestShown = 10;

    /// <summary>Asks for all of it.</summary>
    /// <param name="desk">The registrar's formats.</param>
    /// <param name="ledger">The ledger.</param>
    /// <param name="span">Days from today, or <c>over</c>.</param>
    /// <param name="today">Today, UTC.</param>
    public static async Task<DeskWork> Of(DeskLedger desk, StaffLedger ledger, string span, DateOnly today)
    {
        var (due, dueTotal, files) = (new List<WorkRow>(), 0L, new List<(string, string)>());
        var (waiting, waitingTotal, latest, asOf) = (new List<WorkRow>(), 0L, new List<WorkRow>(), default(JsonElement));
        foreach (var choice in await desk.Choices())
        {
            if (await desk.Format(choice.Vct) is not { } format)
            {
                continue;
            }
            var common = $"/u2s/v1/query?format={Uri.EscapeDataString(choice.Format)}&iss={Uri.EscapeDataString(choice.Iss)}";
            var newest = (await ledger.Get($"{common}&order=-id&limit={LatestShown}")).Value;
            asOf = newest.At("asOf").ValueKind == JsonValueKind.Object ? newest : asOf;
            latest.AddRange(newest.Items("items").Select(i => Row(i, i.At("fields"), choice, format)));
            if (choice.IsLicence && format.EndField is { } end)
            {
                var all = $"{common}&where={end},{(span == "over" ? $"lt,{today:yyyy-MM-dd}" : $"ge,{today:yyyy-MM-dd}&where={end},le,{today.AddDays(int.Parse(span, CultureInfo.InvariantCulture)):yyyy-MM-dd}")}";
                var page = (await ledger.Get($"{all}&limit=200")).Value;
                dueTotal += page.Number("total") ?? 0;
                due.AddRange(page.Items("items").Select(i => Row(i, i.At("fields"), choice, format)));
                files.Add((choice.Title, all));
            }
            var unsealed = (await ledger.Get($"/u2s/v1/records?state=accepted&iss={Uri.EscapeDataString(choice.Iss)}&format={Uri.EscapeDataString(choice.Format)}&limit={Shown}")).Value;
            waitingTotal += unsealed.Number("total") ?? 0;
            waiting.AddRange(unsealed.Items("items").Select(i => Row(i, i.At("claims"), choice, format)));
        }
        var soonest = (span == "over" ? due.OrderByDescending(r => r.Ends, StringComparer.Ordinal) : due.OrderBy(r => r.Ends, StringComparer.Ordinal)).Take(Shown).ToList();
        for (var i = 0; i < soonest.Count; i++)
        {
            // A list of records does not know what became of them; who has been revoked needs no renewal.
            soonest[i] = soonest[i] with { State = (await ledger.Get($"/u2s/v1/records/{soonest[i].Id}")).Value.At("status").Text("value") };
        }
        return new(soonest, dueTotal, dueTotal > 0 ? files : [], waiting, waitingTotal, [.. latest.OrderByDescending(r => r.Id).Take(LatestShown)], asOf);
    }

    private static WorkRow Row(JsonElement item, JsonElement fields, DeskChoice choice, DeskFormat format)
    {
        var number = fields.Text(format.Shape.Key[0]);
        return new(choice.IsLicence && number is not null ? number : item.Text("title") ?? "", choice.Title, format.EndField is null ? null : fields.Text(format.EndField), null, item.Text("time"),
            choice.IsLicence && number is not null ? DeskLedger.Page(number, choice.Iss, choice.Format) : $"/record/{item.Number("id")}", item.Number("id") ?? 0);
    }
}
