using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;
using Xunit;

namespace EventLedger.Api.Tests.Provisioning;

/// <summary>Queries over HTTP, each beside the same question put to the records as they were signed.</summary>
public sealed class QueryTests(TwoAgencies agencies) : IClassFixture<TwoAgencies>
{
    [Theory]
    [InlineData("kind", "eq", "\"food truck\"")]
    [InlineData("kind", "eq", "\"food\"")]
    [InlineData("kind", "ne", "\"food truck\"")]
    [InlineData("kind", "prefix", "\"food\"")]
    [InlineData("kind", "in", "[\"café\",\"food stall\"]")]
    [InlineData("kind", "eq", "\"it's \\\\ 'quoted'\"")]
    [InlineData("seats", "eq", "50")]
    [InlineData("seats", "eq", "5e1")]
    [InlineData("seats", "lt", "50")]
    [InlineData("seats", "le", "50")]
    [InlineData("seats", "gt", "100")]
    [InlineData("seats", "ge", "100")]
    [InlineData("opened", "ge", "\"2025-01-01\"")]
    [InlineData("opened", "lt", "\"2025-01-01\"")]
    [InlineData("opened", "gt", "7")]
    [Y4561("D-7.2.2-c")]
    [Y4561("N-8.3-d")]
    public async Task A_condition_finds_the_records_that_meet_it_and_counts_them(string field, string op, string value)
    {
        var wanted = JsonNode.Parse(value)!;
        var page = await agencies.Post("/u2s/v1/query", Query(new JsonObject { ["field"] = field, ["op"] = op, ["value"] = wanted.DeepClone() }));

        var expected = agencies.Permits.Where(p => Meets(p.Value[field]!, op, wanted)).Select(p => p.Key).Order().ToList();
        Ids(page).ShouldBe(expected);
        page.GetProperty("total").GetInt64().ShouldBe(expected.Count);
    }

    [Fact]
    public async Task Conditions_hold_together()
    {
        var page = await agencies.Post("/u2s/v1/query", Query(
            new JsonObject { ["field"] = "kind", ["op"] = "prefix", ["value"] = "food" }, new JsonObject { ["field"] = "seats", ["op"] = "ge", ["value"] = 100 },
            new JsonObject { ["field"] = "seats", ["op"] = "lt", ["value"] = 150 }));

        Ids(page).ShouldBe(agencies.Permits.Where(p => p.Value["kind"]!.ToString().StartsWith("food", StringComparison.Ordinal) && (int)p.Value["seats"]! is >= 100 and < 150).Select(p => p.Key).Order());
    }

    [Fact]
    public async Task What_begins_so_is_found_beside_an_equal_field_as_it_is_alone()
    {
        var numbers = agencies.Permits.Where(p => p.Value["kind"]!.ToString() == "food truck").ToDictionary(p => p.Key, p => p.Value["number"]!.ToString());
        foreach (var start in numbers.Values.SelectMany(n => Enumerable.Range(1, n.Length).Select(l => n[..l])).Append("[").Distinct())
        {
            var page = await agencies.Post("/u2s/v1/query", Query(
                new JsonObject { ["field"] = "kind", ["op"] = "eq", ["value"] = "food truck" }, new JsonObject { ["field"] = "number", ["op"] = "prefix", ["value"] = start }));
            Ids(page).ShouldBe(numbers.Where(n => n.Value.StartsWith(start, StringComparison.Ordinal)).Select(n => n.Key).Order(), false, start);
        }
    }

    [Fact]
    [Y4561("N-6.2.3-b")]
    public async Task Two_agencies_with_two_formats_come_as_one_list_under_common_names()
    {
        var page = await agencies.Post("/u2s/v1/query", new JsonObject
        {
            ["from"] = new JsonArray(
                new JsonObject { ["format"] = "permit", ["where"] = Where("kind", "food truck"), ["names"] = new JsonObject { ["business"] = "kind", ["reference"] = "number" } },
                new JsonObject { ["format"] = "registration", ["where"] = Where("trade", "food truck"), ["names"] = new JsonObject { ["business"] = "trade", ["reference"] = "reg" } }),
            ["fields"] = new JsonArray("business", "reference"), ["asOf"] = agencies.Height,
        });

        var permits = agencies.Permits.Where(p => p.Value["kind"]!.ToString() == "food truck").Select(p => (p.Key, p.Value["number"]!.ToString()));
        var registrations = agencies.Registrations.Where(p => p.Value["trade"]!.ToString() == "food truck").Select(p => (p.Key, p.Value["reg"]!.ToString()));
        var items = page.GetProperty("items").EnumerateArray().ToList();
        items.Select(i => (i.GetProperty("id").GetInt64(), i.GetProperty("fields").GetProperty("reference").GetString()!)).ShouldBe(permits.Concat(registrations).OrderBy(x => x.Key));
        items.ShouldAllBe(i => i.GetProperty("fields").GetProperty("business").GetString() == "food truck" && i.GetProperty("fields").EnumerateObject().Count() == 2);
        items.Select(i => i.GetProperty("issuer").GetProperty("iss").GetString()).Distinct().ShouldBe([TwoAgencies.City, TwoAgencies.County]);
        page.GetProperty("total").GetInt64().ShouldBe(items.Count);
    }

    [Fact]
    public async Task A_join_puts_the_records_of_two_formats_with_equal_fields_side_by_side()
    {
        var query = new JsonObject
        {
            ["from"] = new JsonObject { ["format"] = "permit", ["where"] = Where("kind", "food truck") }, ["asOf"] = agencies.Height, ["limit"] = 3,
            ["join"] = new JsonObject { ["format"] = "registration", ["on"] = new JsonArray(new JsonArray("number", "number")) },
        };
        var expected = (from p in agencies.Permits
                        from r in agencies.Registrations
                        where p.Value["kind"]!.ToString() == "food truck" && p.Value["number"]!.ToString() == r.Value["number"]!.ToString()
                        orderby p.Key, r.Key
                        select (p.Key, r.Key)).ToList();

        var (total, rows) = await Walk(query, i => (i.GetProperty("id").GetInt64(), i.GetProperty("joined").GetProperty("id").GetInt64()));

        rows.ShouldBe(expected);
        total.ShouldBe(expected.Count);
    }

    [Fact]
    [Y4561("D-8.7-3")]
    public async Task All_pages_of_a_question_speak_as_of_one_block_though_records_arrive_meanwhile()
    {
        var first = await agencies.Post("/u2s/v1/query", Query([]));
        var total = first.GetProperty("total").GetInt64();
        var query = Query([]);
        query["limit"] = 7;
        var arrived = 0;

        var (counted, rows) = await Walk(query, i => i.GetProperty("id").GetInt64(), async () =>
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

    [Fact]
    public async Task Of_a_record_its_newest_version_is_found_and_all_of_them_when_asked()
    {
        var first = await agencies.Put("permit", new() { ["number"] = "V-1", ["kind"] = "old word" });
        await agencies.Settled();
        var height = agencies.Ledger.Get<Host.LedgerHead>().Header.Height;
        var second = await agencies.Put("permit", new() { ["number"] = "V-1", ["kind"] = "new word" });
        await agencies.Settled();
        var query = new JsonObject { ["from"] = new JsonObject { ["format"] = "permit", ["where"] = Where("number", "V-1") } };

        Ids(await agencies.Post("/u2s/v1/query", query)).ShouldBe([second]);
        query["versions"] = "all";
        Ids(await agencies.Post("/u2s/v1/query", query)).ShouldBe([first, second]);
        query["versions"] = "newest";
        query["asOf"] = height;
        Ids(await agencies.Post("/u2s/v1/query", query)).ShouldBe([first]);

        // A whole format is counted another way than a part of it.
        foreach (var (versions, order, asOf) in from v in (string[])["newest", "all"] from o in (string?[])[null, "number", "seats"] from h in (long[])[height, agencies.Ledger.Get<Host.LedgerHead>().Header.Height] select (v, o, h))
        {
            var whole = new JsonObject { ["from"] = new JsonObject { ["format"] = "permit" }, ["versions"] = versions, ["limit"] = 5, ["asOf"] = asOf };
            if (order is not null)
            {
                whole["order"] = order;
            }
            var (total, rows) = await Walk(whole, i => i.GetProperty("id").GetInt64());
            total.ShouldBe(rows.Count, $"{versions} {order} {asOf}");
        }
    }

    [Fact]
    [Y4561("D-8.7-4")]
    public async Task A_file_holds_all_rows_and_an_address_asks_the_same()
    {
        var query = Query(new JsonObject { ["field"] = "seats", ["op"] = "ge", ["value"] = 100 });
        query["limit"] = 2;
        query["fields"] = new JsonArray("number", "kind");
        var expected = agencies.Permits.Where(p => (int)p.Value["seats"]! >= 100).OrderBy(p => p.Key).ToList();

        var csv = (await agencies.Text(HttpMethod.Post, "/u2s/v1/query", "text/csv", query)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        csv[0].ShouldBe("id,format,version,iss,time,number,kind");
        csv.Skip(1).Select(l => l.Split(',')).Select(c => (long.Parse(c[0], CultureInfo.InvariantCulture), c[5], c[6]))
            .ShouldBe(expected.Select(p => (p.Key, p.Value["number"]!.ToString(), p.Value["kind"]!.ToString())));

        var address = $"/u2s/v1/query?format=permit&where=seats,ge,100&fields=number,kind&asOf={agencies.Height}";
        var lines = (await agencies.Text(HttpMethod.Get, address, "application/x-ndjson")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Select(l => JsonNode.Parse(l)!["id"]!.GetValue<long>()).ShouldBe(expected.Select(p => p.Key));
        (await agencies.Get(address)).GetProperty("address").GetString().ShouldBe(address);
    }

    [Theory]
    [InlineData("seats", false)]
    [InlineData("-seats", true)]
    public async Task Rows_go_by_a_field_page_by_page_and_equal_values_by_the_log(string order, bool descending)
    {
        var query = Query();
        (query["limit"], query["order"]) = (3, order);
        var (total, rows) = await Walk(query, i => (Seats: i.GetProperty("fields").GetProperty("seats").GetInt64(), Id: i.GetProperty("id").GetInt64()));
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
            var (total, rows) = await Walk(query, i => ids.IndexOf(i.GetProperty("id").GetInt64()));
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
        var query = Query(new JsonObject { ["field"] = "number", ["op"] = "prefix", ["value"] = start });
        (query["limit"], query["order"]) = (3, order);
        var expected = agencies.Permits.Where(p => p.Value["number"]!.ToString().StartsWith(start, StringComparison.Ordinal)).Select(p => p.Key);
        var (total, rows) = await Walk(query, i => i.GetProperty("id").GetInt64());
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
        var query = Query();
        (query["limit"], query["order"]) = (3, "-id");
        var (_, rows) = await Walk(query, i => i.GetProperty("id").GetInt64());
        rows.ShouldBe(agencies.Permits.Keys.OrderDescending());
    }

    [Theory]
    [InlineData("""{}""", "'from'")]
    [InlineData("""{"from":{"format":"none"}}""", "no format")]
    [InlineData("""{"from":{"format":"permit","where":[{"field":"nothing","value":1}]}}""", "no field 'nothing'")]
    [InlineData("""{"from":{"format":"permit","where":[{"field":"holder","value":"Holder 1"}]}}""", "not public")]
    [InlineData("""{"from":{"format":"permit","where":[{"field":"kind","op":"like","value":"x"}]}}""", "from.where[0].op")]
    [InlineData("""{"from":{"format":"permit","where":[{"field":"kind","op":"in","value":"x"}]}}""", "from.where[0].value")]
    [InlineData("""{"from":{"format":"permit"},"limit":0}""", "'limit'")]
    [InlineData("""{"from":{"format":"permit"},"total":"perhaps"}""", "'total'")]
    [InlineData("""{"from":{"format":"permit"},"after":"x"}""", "'after'")]
    [InlineData("""{"from":{"format":"permit"},"sort":"x"}""", "'sort'")]
    [InlineData("""{"from":{"format":"permit"},"order":"kind"}""", "'kind' has no index")]
    [InlineData("""{"from":{"format":"permit"},"order":"seats","after":"1-2-0"}""", "another order")]
    [InlineData("""{"from":[{"format":"permit"},{"format":"registration"}],"order":"seats"}""", "'order'")]
    [InlineData("""{"from":{"format":"permit"},"join":{"format":"registration","on":[["number","none"]]}}""", "no field 'none'")]
    public async Task What_cannot_be_asked_is_refused_with_the_place(string query, string says)
    {
        var problem = await agencies.Post("/u2s/v1/query", JsonNode.Parse(query)!, 400);
        problem.GetProperty("type").GetString().ShouldBe("/problems/query-malformed");
        problem.GetProperty("detail").GetString()!.ShouldContain(says);
    }

    [Fact]
    public async Task A_block_that_is_not_yet_there_is_named()
    {
        var query = Query([]);
        query["asOf"] = 1_000_000;
        (await agencies.Post("/u2s/v1/query", query, 404)).GetProperty("type").GetString().ShouldBe("/problems/height-unknown");
    }

    private JsonObject Query(params JsonObject[] conditions) => new()
    {
        ["from"] = new JsonObject { ["format"] = "permit", ["where"] = new JsonArray([.. conditions]) }, ["limit"] = 1000, ["asOf"] = agencies.Height,
    };

    private static JsonArray Where(string field, string value) => new(new JsonObject { ["field"] = field, ["op"] = "eq", ["value"] = value });

    private static List<long> Ids(JsonElement page) => [.. page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetInt64())];

    // Asks for page after page until there is none.
    private async Task<(long Total, List<T> Rows)> Walk<T>(JsonObject query, Func<JsonElement, T> read, Func<Task>? between = null)
    {
        var (rows, total) = (new List<T>(), 0L);
        while (true)
        {
            var page = await agencies.Post("/u2s/v1/query", query);
            rows.AddRange(page.GetProperty("items").EnumerateArray().Select(read));
            total = page.GetProperty("total").GetInt64();
            if (!page.TryGetProperty("next", out var next))
            {
                return (total, rows);
            }
            query = (JsonObject)query.DeepClone();
            query["after"] = next.GetString();
            if (between is not null)
            {
                await between();
            }
        }
    }

    private static bool Meets(JsonNode held, string op, JsonNode wanted) => op switch
    {
        "in" => wanted.AsArray().Any(w => Meets(held, "eq", w!)),
        "prefix" => held.ToString().StartsWith(wanted.ToString(), StringComparison.Ordinal),
        "eq" => Jcs.Bytes(held).AsSpan().SequenceEqual(Jcs.Bytes(wanted)),
        "ne" => !Meets(held, "eq", wanted),
        _ when held.GetValueKind() != wanted.GetValueKind() => false,
        _ => (held.GetValueKind() == JsonValueKind.Number ? held.GetValue<int>().CompareTo(wanted.GetValue<int>()) : string.CompareOrdinal(held.ToString(), wanted.ToString())) is var order
            && op switch { "lt" => order < 0, "le" => order <= 0, "gt" => order > 0, _ => order >= 0 },
    };
}
