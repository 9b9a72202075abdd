using System.Globalization;
using System.Text.Json.Nodes;
using Xunit;
using static EventLedger.Api.Tests.Provisioning.TwoAgencies;

namespace EventLedger.Api.Tests.Provisioning;

/// <summary>Answers of many pages: each row comes once, in the order that was asked for.</summary>
public sealed class QueryPageTests(TwoAgencies agencies) : IClassFixture<TwoAgencies>
{
    [Fact]
    [Y4561("D-8.7-3")]
    public async Task All_pages_of_a_question_speak_as_of_one_block_though_records_arrive_meanwhile()
    {
        var first = await agencies.Post("/u2s/v1/query", agencies.Query([]));
        var total = first.GetProperty("total").GetInt64();
        var query = agencies.Query([]);
        query["limit"] = 7;
        var arrived = 0;

        var (counted, rows) = await agencies.Walk(query, i => i.GetProperty("id").GetInt64(), async () =>
        {
            await agencies.Put("permit", new() { ["number"] = $"N-{++arrived}", ["kind"] = "late" });
            await agencies.Settled();
        });

        arrived.ShouldBeGreaterThan(3);
        rows.ShouldBe(rows.Order());
        rows.Distinct().Count().ShouldBe((int)total);
        counted.ShouldBe(total);
        query["asOf"] = agencies.Height;
        query["limit"] = 1000;
        Ids(await agencies.Post("/u2s/v1/query", query)).ShouldBe(agencies.Permits.Keys.Order());
    }

    [Theory]
    [InlineData("seats", false)]
    [InlineData("-seats", true)]
    public async Task Rows_go_by_a_field_page_by_page_and_equal_values_by_the_log(string order, bool descending)
    {
        var query = agencies.Query();
        (query["limit"], query["order"]) = (3, order);
        var (total, rows) = await agencies.Walk(query, i => (Seats: i.GetProperty("fields").GetProperty("seats").GetInt64(), Id: i.GetProperty("id").GetInt64()));
        var with = agencies.Permits.Where(p => p.Value["seats"] is not null).Select(p => (Seats: (long)p.Value["seats"]!.GetValue<int>(), Id: p.Key));
        rows.ShouldBe(descending ? with.OrderByDescending(p => p) : with.Order());
        total.ShouldBe(rows.Count);
    }

    [Theory]
    [InlineData("seats", new[] { 1, 3, 5, 0, 2, 4 })]
    [InlineData("-seats", new[] { 5, 3, 1, 4, 2, 0 })]
    public async Task Rows_without_the_field_that_they_go_by_come_last(string order, int[] expected)
    {
        var (kind, ids) = ($"unseated {order}", new List<long>());
        for (var i = 0; i < expected.Length; i++)
        {
            var permit = new JsonObject { ["number"] = $"U{order}-{i}", ["kind"] = kind };
            if (i % 2 == 1)
            {
                permit["seats"] = i;
            }
            ids.Add(await agencies.Put("permit", permit));
        }
        await agencies.Settled();
        var query = new JsonObject { ["from"] = new JsonObject { ["format"] = "permit", ["where"] = Where("kind", kind) }, ["order"] = order };
        foreach (var limit in (int[])[1, 2, 3, 4, 6, 7])
        {
            query["limit"] = limit;
            var (total, rows) = await agencies.Walk(query, i => ids.IndexOf(i.GetProperty("id").GetInt64()));
            rows.ShouldBe(expected, false, $"{limit} a page");
            total.ShouldBe(expected.Length);
        }
        var csv = (await agencies.Text(HttpMethod.Post, "/u2s/v1/query", "text/csv", query)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        csv.Skip(1).Select(l => ids.IndexOf(long.Parse(l.Split(',')[0], CultureInfo.InvariantCulture))).ShouldBe(expected);
    }

    [Theory]
    [InlineData("id", "P-")]
    [InlineData("-id", "P-")]
    [InlineData("id", "P-01")]
    [InlineData("-id", "P-003")]
    public async Task What_very_many_or_few_begin_with_is_paged_alike_and_counted_when_wished(string order, string start)
    {
        var query = agencies.Query(new JsonObject { ["field"] = "number", ["op"] = "prefix", ["value"] = start });
        (query["limit"], query["order"]) = (3, order);
        var expected = agencies.Permits.Where(p => p.Value["number"]!.ToString().StartsWith(start, StringComparison.Ordinal)).Select(p => p.Key);
        var (total, rows) = await agencies.Walk(query, i => i.GetProperty("id").GetInt64());
        rows.ShouldBe(order == "id" ? expected.Order() : expected.OrderDescending());
        total.ShouldBe(rows.Count);

        query["total"] = false;
        var page = await agencies.Post("/u2s/v1/query", query);
        page.TryGetProperty("total", out _).ShouldBeFalse();
        Ids(page).ShouldBe(rows.Take(3));
        Ids(await agencies.Get($"/u2s/v1/query?format=permit&where=number,prefix,{start}&order={order}&limit=3&asOf={agencies.Height}&total=false")).ShouldBe(rows.Take(3));
    }

    [Fact]
    public async Task The_newest_come_first_when_asked_for_so()
    {
        var query = agencies.Query();
        (query["limit"], query["order"]) = (3, "-id");
        var (_, rows) = await agencies.Walk(query, i => i.GetProperty("id").GetInt64());
        rows.ShouldBe(agencies.Permits.Keys.OrderDescending());
    }
}
