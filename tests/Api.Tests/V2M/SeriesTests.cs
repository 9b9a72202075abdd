using System.Text.Json;
using EventLedger.Api.Tests.Support;
using EventLedger.Tests.Shared;
using Xunit;

namespace EventLedger.Api.Tests.V2M;

/// <summary>What is counted over time adds up to what is there.</summary>
public sealed class SeriesTests(PostgresFixture postgres) : IAsyncLifetime
{
    private TestLedger ledger = null!;
    private Agency agency = null!;
    private Supervisor supervisor = null!;

    public async ValueTask InitializeAsync()
    {
        ledger = await TestLedger.Start(await postgres.Cluster.CreateDatabase());
        agency = await Agency.Register(ledger);
        supervisor = await Supervisor.Bind(ledger);
        for (var n = 1; n <= 5; n++)
        {
            (await agency.Submit(agency.Licence($"S-{n}"), "wait=20")).Status.ShouldBe(201);
        }
    }

    public ValueTask DisposeAsync() => ledger.DisposeAsync();

    [Fact]
    public async Task Each_series_adds_up_and_has_a_point_for_every_step()
    {
        var size = ledger.Get<Api.Host.LedgerHead>().Header.Size;
        Sum(await Series("records"), agency.Iss).ShouldBe(5);
        var entries = await Series("entries");
        Sum(entries, null).ShouldBe(size - Before(entries));
        var seals = await Series("sealed");
        Sum(seals, "entries").ShouldBe(size - Before(seals));
        Sum(seals, "blocks").ShouldBeGreaterThanOrEqualTo(5);
        var waits = await Series("seal-ms");
        waits.GetProperty("labels").EnumerateArray().Select(l => l.GetString()).ShouldBe(["p50", "p99"]);
        waits.GetProperty("points")[0].GetProperty("values")[0].ValueKind.ShouldBe(JsonValueKind.Null, "where nothing was measured there is no number");
        (await Series("waiting")).GetProperty("points").EnumerateArray().ShouldAllBe(p => p.GetProperty("values")[0].GetInt64() >= 0);
        (await Series("records")).GetProperty("points").GetArrayLength().ShouldBe(60);
    }

    [Fact]
    public async Task A_series_is_a_table_too_and_what_cannot_be_asked_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v2m/v1/series?name=records&step=60");
        request.Headers.Authorization = new("Bearer", supervisor.Token);
        request.Headers.Accept.ParseAdd("text/csv");
        request.RequestUri = new(request.RequestUri + "&" + Range(1), UriKind.Relative);
        using var answer = await ledger.Http.SendAsync(request, TestContext.Current.CancellationToken);
        var lines = (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        lines[0].ShouldBe($"time,{agency.Iss}");
        lines.Skip(1).Sum(l => long.Parse(l.Split(',')[1], System.Globalization.CultureInfo.InvariantCulture)).ShouldBe(5);
        foreach (var wrong in (string[])["name=nothing", "name=records&step=90", "name=records&step=0", "name=records&from=2000-01-01T00:00:00.000Z&step=60", "name=records&from=x"])
        {
            (await ledger.Send(HttpMethod.Get, $"/v2m/v1/series?{wrong}", supervisor.Token)).Status.ShouldBe(400, wrong);
        }
        (await ledger.Send(HttpMethod.Get, "/v2m/v1/series?name=records", null)).Status.ShouldBe(401);
    }

    private Task<JsonElement> Series(string name) => supervisor.Get($"/v2m/v1/series?name={name}&step=60&{Range(1)}");

    // Whole hours that end with the minute in which this is asked.
    private static string Range(int hours)
    {
        var now = Agency.Now;
        var end = now.PlusMs(60_000 - now.UnixMs % 60_000);
        return $"from={end.PlusMs(-hours * 3_600_000)}&to={end}";
    }

    // The genesis entry has the time of the genesis file, which may lie before.
    private long Before(JsonElement series) => string.CompareOrdinal(ledger.Genesis.Time.ToString(), series.GetProperty("from").GetString()) < 0 ? 1 : 0;

    private static long Sum(JsonElement series, string? label)
    {
        var labels = series.GetProperty("labels").EnumerateArray().Select(l => l.GetString()).ToList();
        return series.GetProperty("points").EnumerateArray().Sum(p => labels.Select((l, i) => label is null || l == label ? p.GetProperty("values")[i].GetInt64() : 0).Sum());
    }
}
