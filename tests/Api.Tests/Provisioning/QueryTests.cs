using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;
using Xunit;
using static EventLedger.Api.Tests.Provisioning.TwoAgencies;

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
        var page = await agencies.Post("/u2s/v1/query", agencies.Query(new JsonObject { ["field"] = field, ["op"] = op, ["value"] = wanted.DeepClone() }));

        var expected = agencies.Permits.Where(p => Meets(p.Value[field]!, op, wanted)).Select(p => p.Key).Order().ToList();
        Ids(page).ShouldBe(expected);
        page.GetProperty("total").GetInt64().ShouldBe(expected.Count);
    }

    [Fact]
    public async Task Conditions_hold_together()
    {
        var page = await agencies.Post("/u2s/v1/query", agencies.Query(
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
            var page = await agencies.Post("/u2s/v1/query", agencies.Query(
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

        var (total, rows) = await agencies.Walk(query, i => (i.GetProperty("id").GetInt64(), i.GetProperty("joined").GetProperty("id").GetInt64()));

        rows.ShouldBe(expected);
        total.ShouldBe(expected.Count);
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
            var (total, rows) = await agencies.Walk(whole, i => i.GetProperty("id").GetInt64());
            total.ShouldBe(rows.Count, $"{versions} {order} {asOf}");
        }
    }

    [Fact]
    [Y4561("D-8.7-4")]
    public async Task A_file_holds_all_rows_and_an_address_asks_the_same()
    {
        var query = agencies.Query(new JsonObject { ["field"] = "seats", ["op"] = "ge", ["value"] = 100 });
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
        var query = agencies.Query([]);
        query["asOf"] = 1_000_000;
        (await agencies.Post("/u2s/v1/query", query, 404)).GetProperty("type").GetString().ShouldBe("/problems/height-unknown");
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
