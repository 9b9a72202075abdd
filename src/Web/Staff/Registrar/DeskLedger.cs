using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EventLedger.Web.Staff.Registrar;

/// <summary>A format that a registrar may issue in, for one source of their organisation.</summary>
/// <param name="Iss">The source.</param>
/// <param name="Source">What it is called.</param>
/// <param name="Vct">The format and its version.</param>
/// <param name="Title">What the format is called.</param>
/// <param name="IsLicence">Whether its records have a status.</param>
/// <param name="HasKey">Whether the agency's vault holds the key that would sign.</param>
public sealed record DeskChoice(string Iss, string Source, string Vct, string Title, bool IsLicence, bool HasKey)
{
    /// <summary>Id of the format.</summary>
    public string Format => Vct.Split(':')[2];

    /// <summary>Its version, from 1: the tenth comes after the ninth.</summary>
    public long Version => long.Parse(Vct.Split(':')[3], CultureInfo.InvariantCulture);

    /// <summary>Of each source's formats the newest version alone, licences first. An older one that is in force still counts, but nothing new is issued in it.</summary>
    public static IReadOnlyList<DeskChoice> Newest(IEnumerable<DeskChoice> all) =>
        [.. all.GroupBy(c => (c.Iss, c.Format)).Select(g => g.MaxBy(c => c.Version)!).OrderByDescending(c => c.IsLicence)];
}

/// <summary>What the registrar's pages ask the ledger, and how they hand in what was signed.</summary>
public sealed class DeskLedger(StaffLedger ledger, TimeProvider clock)
{
    private Reply<JsonElement>? sources;

    /// <summary>The registrar's organisation and what it may issue.</summary>
    public async Task<Reply<JsonElement>> Sources() => sources ??= await ledger.Get("/r2d/v1/registrar/sources");

    /// <summary>The same as a list: licences first, and of each format its newest version alone, for that is what is issued.</summary>
    public async Task<IReadOnlyList<DeskChoice>> Choices() => DeskChoice.Newest((await Sources()).Value.Items("sources").SelectMany(s => s.Items("formats").Select(f =>
        new DeskChoice(s.Text("iss")!, s.Text("name")!, f.Text("vct")!, f.Text("title")!, f.Is("lifecycle"), s.Text("kid") is not null))));

    /// <summary>A format by its <c>vct</c>; null for no such format.</summary>
    /// <param name="vct">Its id and version.</param>
    /// <param name="isCorrection">Whether the reason of a correction is asked, too.</param>
    public async Task<DeskFormat?> Format(string? vct, bool isCorrection = false)
    {
        var parts = vct?.Split(':');
        if (parts is not ["urn", "eventledger", var id, var version])
        {
            return null;
        }
        var reply = await ledger.Get($"/r2d/v1/formats/{Uri.EscapeDataString(id)}/{Uri.EscapeDataString(version)}");
        return reply.IsGood ? new(reply.Value.At("format"), isCorrection) : null;
    }

    /// <summary>The newest version of a format, by its id.</summary>
    public async Task<DeskFormat?> Newest(string id) => await Format((await Choices()).Where(c => c.Format == id).MaxBy(c => c.Version)?.Vct);

    /// <summary>A licence; several where sources or formats share the number.</summary>
    public Task<Reply<JsonElement>> Licence(string number, string? iss = null, string? format = null) => ledger.Get(Address(number, "", iss, format));

    /// <summary>What became of a licence, oldest first.</summary>
    public Task<Reply<JsonElement>> History(string number, string? iss, string? format) => ledger.Get(Address(number, "/history", iss, format));

    /// <summary>What lies on the desk.</summary>
    /// <param name="span">Days from today in which licences run out, or <c>over</c>.</param>
    public Task<DeskWork> Work(string span) => DeskWork.Of(this, ledger, span, DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime));

    /// <summary>Has a draft made of a wish.</summary>
    public Task<Reply<JsonElement>> Draft(JsonObject wish) => ledger.Post("/r2d/v1/registrar/drafts", wish);

    /// <summary>
    /// Hands in what was signed, and where that takes a second registrar keeps it for them. A second time with the same draft gives the first receipt again.
    /// </summary>
    /// <param name="record"><c>{payload, disclosures, assertion}</c>.</param>
    /// <param name="waitSeconds">How long to wait for the seal; 0 for not at all.</param>
    /// <param name="more">What the page of the entry is told.</param>
    /// <returns>Where to go on: the entry's page, or that of what waits; null with what stood in the way.</returns>
    public async Task<(Reply<JsonElement> Reply, string? Page)> HandIn(JsonObject record, int waitSeconds, params (string Name, string? Value)[] more)
    {
        var (reply, seq) = await Submit(record, waitSeconds);
        if (reply.Problem?.Code != "second-registrar-missing")
        {
            return (reply, reply.IsGood ? Query($"/staff/desk/signed/{seq}", more) : null);
        }
        var kept = await ledger.Post("/r2d/v1/registrar/waiting", record);
        return (kept, kept.IsGood ? Query($"/staff/desk/waiting/{kept.Value.Text("id")}", ("d", more.FirstOrDefault(m => m.Name == "d").Value)) : null);
    }

    /// <summary>Hands in what was signed.</summary>
    /// <returns>Its number in the log.</returns>
    public Task<(Reply<JsonElement> Reply, long Seq)> Submit(JsonObject record, int waitSeconds) => Send("/r2d/v1/registrar/records", record, waitSeconds);

    /// <summary>What waits for a second registrar.</summary>
    public Task<Reply<JsonElement>> Waiting() => ledger.Get("/r2d/v1/registrar/waiting");

    /// <summary>One draft that waits, as it is to be signed.</summary>
    public Task<Reply<JsonElement>> Waiting(string id) => ledger.Get($"/r2d/v1/registrar/waiting/{Uri.EscapeDataString(id)}");

    /// <summary>Adds the second signature. A second time gives the first receipt again.</summary>
    public Task<(Reply<JsonElement> Reply, long Seq)> Countersign(string id, JsonObject signature, int waitSeconds) =>
        Send($"/r2d/v1/registrar/waiting/{Uri.EscapeDataString(id)}/signatures", signature, waitSeconds);

    /// <summary>Throws a draft away that waits.</summary>
    public Task<Reply<JsonElement>> Withdraw(string id) => ledger.Send<JsonElement>(HttpMethod.Delete, $"/r2d/v1/registrar/waiting/{Uri.EscapeDataString(id)}", null, null, null);

    private async Task<(Reply<JsonElement> Reply, long Seq)> Send(string path, JsonObject body, int waitSeconds)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative))
        {
            Content = new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json"),
        };
        if (waitSeconds > 0)
        {
            request.Headers.TryAddWithoutValidation("Prefer", $"wait={waitSeconds}, return=minimal");
        }
        var reply = await ledger.Send<JsonElement>(request);
        return (reply, reply.IsGood && long.TryParse(reply.Place?.Split('/')[^1], out var seq) ? seq : 0);
    }

    /// <summary>Where a licence's page is.</summary>
    public static string Page(string number, string? iss = null, string? format = null) => Query($"/staff/desk/licence/{Uri.EscapeDataString(number)}", ("iss", iss), ("format", format));

    /// <summary>An address with what is asked for behind it.</summary>
    public static string Query(string path, params ReadOnlySpan<(string Name, string? Value)> parts)
    {
        var said = new Dictionary<string, string?>();
        foreach (var (name, value) in parts)
        {
            if (!string.IsNullOrEmpty(value))
            {
                said[name] = value;
            }
        }
        return Microsoft.AspNetCore.WebUtilities.QueryHelpers.AddQueryString(path, said);
    }

    private static string Address(string number, string part, string? iss, string? format) => Query($"/u2s/v1/licences/{Uri.EscapeDataString(number)}{part}", ("iss", iss), ("format", format));
}
