using System.Globalization;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using Xunit;

namespace EventLedger.Api.Tests.Provisioning;

/// <summary>One search box, times, sources, and the way of a record.</summary>
public sealed class SearchTests(TwoAgencies agencies) : IClassFixture<TwoAgencies>
{
    [Fact]
    [Y4561("D-7.1.2-i")]
    [Y4561("D-7.1.2-c")]
    public async Task The_box_knows_numbers_hashes_heights_ids_and_sources()
    {
        var (id, permit) = agencies.Permits.First();
        var record = await agencies.Get($"/u2s/v1/records/{id}");
        var height = record.GetProperty("sealed").GetProperty("height").GetInt64();
        var block = await agencies.Get($"/u2s/v1/blocks/{height}");

        (await Exact(permit["number"]!.ToString())).ShouldBe([("licence", $"/u2s/v1/licences/{permit["number"]}")]);
        (await Exact(record.GetProperty("leaf").GetString()!)).ShouldBe([("record", $"/u2s/v1/records/{id}")]);
        (await Exact(block.GetProperty("hash").GetString()!)).ShouldBe([("block", $"/u2s/v1/blocks/{height}")]);
        (await Exact(id.ToString(CultureInfo.InvariantCulture))).ShouldContain(("record", $"/u2s/v1/records/{id}"));
        (await Exact(height.ToString(CultureInfo.InvariantCulture))).ShouldContain(("block", $"/u2s/v1/blocks/{height}"));
        var source = (await Exact(TwoAgencies.City)).ShouldHaveSingleItem();
        (await Exact("city permits")).ShouldBe([source]);
        (await agencies.Get(source.Href)).GetProperty("iss").GetString().ShouldBe(TwoAgencies.City);
    }

    [Theory]
    [InlineData("truck", "truck")]
    [InlineData("TRUCK", "truck")]
    [InlineData("sta", "stall")]
    [InlineData("café", "café")]
    [InlineData("haulage or café", "café|haulage")]
    [InlineData("\"food stall\"", "food stall")]
    [Y4561("D-7.2.2-d")]
    [Y4561("D-7.1.2-d")]
    public async Task Words_are_found_with_an_exact_count(string typed, string words)
    {
        var wanted = words.Split('|');
        var expected = agencies.Permits.Concat(agencies.Registrations)
            .Where(r => wanted.Any(w => $"{r.Value["kind"] ?? r.Value["trade"]}".Contains(w, StringComparison.Ordinal))).Select(r => r.Key).OrderDescending().ToList();
        var (found, total, address) = (new List<long>(), 0L, (string?)$"/u2s/v1/search?q={Uri.EscapeDataString(typed)}&limit=5");
        while (address is not null)
        {
            var page = await agencies.Get(address);
            found.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetInt64()));
            total = page.GetProperty("total").GetInt64();
            address = page.TryGetProperty("next", out var next) ? next.GetString() : null;
        }

        found.ShouldBe(expected);
        total.ShouldBe(expected.Count);
    }

    [Fact]
    [Y4561("N-8.3-e")]
    public async Task A_document_is_proved_to_have_existed_before_a_time_by_its_hash_alone()
    {
        var (id, permit) = agencies.Permits.ElementAt(3);
        var sealedAt = (await agencies.Get($"/u2s/v1/records/{id}")).GetProperty("sealed").GetProperty("time").GetString()!;
        var before = LedgerTime.Parse(sealedAt).PlusMs(-1).ToString();

        var item = (await agencies.Get($"/u2s/v1/timestamps?hash={permit["checksum"]}&before={sealedAt}&proof=true")).GetProperty("items")[0];
        item.GetProperty("record").GetProperty("id").GetInt64().ShouldBe(id);
        item.GetProperty("existedBefore").GetBoolean().ShouldBeTrue();
        var proof = System.Text.Encoding.UTF8.GetBytes(item.GetProperty("proof").GetRawText());
        ProofVerifier.Verify(proof, agencies.Ledger.Genesis.File).Judgement.ShouldBe(Judgement.Authentic);
        item.GetProperty("proof").GetProperty("header").GetProperty("time").GetString().ShouldBe(sealedAt);

        var leaf = item.GetProperty("leaf").GetString();
        (await agencies.Get($"/u2s/v1/timestamps?hash={leaf}&before={before}")).GetProperty("items")[0].GetProperty("existedBefore").GetBoolean().ShouldBeFalse();
        (await agencies.Get($"/u2s/v1/timestamps?hash={new string('a', 64)}")).GetProperty("total").GetInt64().ShouldBe(0);
    }

    [Fact]
    [Y4561("N-8.3-e")]
    public async Task What_was_sealed_between_two_times_is_found_page_by_page()
    {
        var all = await agencies.Get("/u2s/v1/timestamps?limit=1000");
        var items = all.GetProperty("items").EnumerateArray().Select(i => (Id: i.GetProperty("record").GetProperty("id").GetInt64(), Time: i.GetProperty("sealed").GetProperty("time").GetString()!)).ToList();
        all.GetProperty("total").GetInt64().ShouldBe(items.Count);
        items.Select(i => i.Id).ShouldBe(agencies.Permits.Keys.Concat(agencies.Registrations.Keys).Order());
        var times = items.Select(i => i.Time).Distinct().ToList();
        var (after, before) = (times[0], times[^2]);
        var expected = items.Where(i => string.CompareOrdinal(i.Time, after) > 0 && string.CompareOrdinal(i.Time, before) <= 0).Select(i => i.Id).ToList();

        var (found, address) = (new List<long>(), (string?)$"/u2s/v1/timestamps?after={after}&before={before}&limit=4");
        while (address is not null)
        {
            var page = await agencies.Get(address);
            page.GetProperty("total").GetInt64().ShouldBe(expected.Count);
            found.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("record").GetProperty("id").GetInt64()));
            address = page.TryGetProperty("next", out var next) ? next.GetString() : null;
        }
        found.ShouldBe(expected);
    }

    [Theory]
    [InlineData("/u2s/v1/search?q=")]
    [InlineData("/u2s/v1/search?q=a&limit=0")]
    [InlineData("/u2s/v1/timestamps?hash=abc")]
    [InlineData("/u2s/v1/timestamps?before=yesterday")]
    public async Task A_search_that_cannot_be_read_says_how(string path) =>
        (await agencies.Get(path, 400)).GetProperty("type").GetString().ShouldBe("/problems/query-malformed");

    [Fact]
    [Y4561("N-6.2.6-c")]
    public async Task A_source_shows_its_keys_channel_and_first_and_last_record()
    {
        var card = await agencies.Get($"/u2s/v1/sources/{Digest.Of(TwoAgencies.County)}");
        card.GetProperty("name").GetString().ShouldBe("County Register");
        card.GetProperty("keys").GetArrayLength().ShouldBe(1);
        card.GetProperty("channel").GetString()!.ShouldStartWith("R2D");
        card.GetProperty("admitted").GetProperty("sealed").GetProperty("height").GetInt64().ShouldBeGreaterThan(0);
        card.GetProperty("formats")[0].GetProperty("records").GetInt64().ShouldBe(TwoAgencies.RegistrationCount);
        card.GetProperty("first").GetProperty("entry").GetInt64().ShouldBe(agencies.Registrations.Keys.Min());
        card.GetProperty("last").GetProperty("entry").GetInt64().ShouldBe(agencies.Registrations.Keys.Max());
        (await agencies.Get($"/u2s/v1/sources/{new string('0', 64)}", 404)).GetProperty("type").GetString().ShouldBe("/problems/source-not-found");
    }

    private async Task<List<(string Kind, string Href)>> Exact(string typed) => [.. (await agencies.Get($"/u2s/v1/search?q={Uri.EscapeDataString(typed)}"))
        .GetProperty("exact").EnumerateArray().Select(e => (e.GetProperty("kind").GetString()!, e.GetProperty("href").GetString()!))];
}
