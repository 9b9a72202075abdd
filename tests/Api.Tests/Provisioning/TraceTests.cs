using System.Globalization;
using EventLedger.Api.Tests.Support;
using Xunit;

namespace EventLedger.Api.Tests.Provisioning;

/// <summary>Where a record comes from, and whether it came through unchanged.</summary>
public sealed class TraceTests(TwoAgencies agencies) : IClassFixture<TwoAgencies>
{
    [Fact]
    [Y4561("N-6.2.6-b")]
    public async Task The_lineage_of_a_record_is_a_graph_in_the_words_of_PROV()
    {
        var first = await agencies.Put("permit", new() { ["number"] = "T-1", ["kind"] = "before" });
        var second = await agencies.Put("permit", new() { ["number"] = "T-1", ["kind"] = "after" });
        await agencies.Settled();

        var graph = await agencies.Get($"/u2s/v1/records/{second}/prov");
        var (old, now) = ($"ledger:entry-{first}", $"ledger:entry-{second}");
        graph.GetProperty("prefix").GetProperty("prov").GetString().ShouldBe("http://www.w3.org/ns/prov#");
        var entities = graph.GetProperty("entity");
        entities.GetProperty(now).GetProperty("ledger:proof").GetString().ShouldBe($"/u2s/v1/records/{second}/proof");
        var revision = graph.GetProperty("wasDerivedFrom").EnumerateObject().ShouldHaveSingleItem().Value;
        (revision.GetProperty("prov:generatedEntity").GetString(), revision.GetProperty("prov:usedEntity").GetString()).ShouldBe((now, old));
        // Whatever a relation names must be described.
        var described = ((string[])["entity", "activity", "agent"]).SelectMany(s => graph.GetProperty(s).EnumerateObject()).Select(e => e.Name).ToHashSet();
        var named = graph.EnumerateObject().Where(s => s.Name is not ("prefix" or "entity" or "activity" or "agent")).SelectMany(s => s.Value.EnumerateObject())
            .SelectMany(r => r.Value.EnumerateObject()).Where(m => m.Name is not ("prov:time" or "prov:type")).Select(m => m.Value.GetString()!).ToList();
        named.ShouldNotBeEmpty();
        named.ShouldAllBe(n => described.Contains(n));

        var csv = await agencies.Text(HttpMethod.Get, $"/u2s/v1/records/{second}/prov", "text/csv");
        csv.Split("\r\n")[0].ShouldBe("what,text,entry,height");
        csv.ShouldContain(second.ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    [Y4561("N-6.2.6-f")]
    public async Task The_path_of_a_record_is_checked_hop_by_hop_and_the_broken_one_is_named()
    {
        var id = await agencies.Put("permit", new() { ["number"] = "T-2", ["kind"] = "whole" });
        await agencies.Settled();
        var path = await agencies.Get($"/u2s/v1/records/{id}/path");
        path.GetProperty("isIntact").GetBoolean().ShouldBeTrue(path.ToString());
        path.GetProperty("hops").EnumerateArray().Select(h => h.GetProperty("name").GetString()).ShouldBe(["signed", "received", "sealed", "projected"]);

        var connection = agencies.Ledger.Connection;
        await Database.Run(connection, $"update view_provisioning.records set claims = jsonb_set(claims, '{{kind}}', '\"forged\"') where seq = {id}");
        var broken = await agencies.Get($"/u2s/v1/records/{id}/path");
        broken.GetProperty("brokenAt").GetString().ShouldBe("projected");
        var hop = broken.GetProperty("hops")[3];
        hop.GetProperty("checksum").GetString().ShouldNotBe(hop.GetProperty("expected").GetString());

        await Database.Run(connection, $"update view_provisioning.records set leaf = sha256(leaf), claims = jsonb_set(claims, '{{kind}}', '\"whole\"') where seq = {id}");
        (await agencies.Get($"/u2s/v1/records/{id}/path")).GetProperty("brokenAt").GetString().ShouldBe("received");
    }
}
