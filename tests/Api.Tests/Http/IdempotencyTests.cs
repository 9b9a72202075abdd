using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Http;
using EventLedger.Api.Tests.Support;
using EventLedger.Domain.Ledger;
using EventLedger.Tests.Shared;
using Xunit;

namespace EventLedger.Api.Tests.Http;

public sealed class IdempotencyTests(PostgresFixture postgres) : IAsyncLifetime
{
    private TestLedger ledger = null!;
    private string suspension = "";

    public async ValueTask InitializeAsync()
    {
        ledger = await TestLedger.Start(await postgres.Cluster.CreateDatabase());
        var agency = await Agency.Register(ledger);
        var stream = EventTable.SourceStream(agency.Iss);
        var version = await Version(stream);
        suspension = new JsonObject
        {
            ["type"] = EventTable.SourceSuspended, ["stream"] = stream, ["expectedVersion"] = version,
            ["data"] = Agency.Signed(ledger, EventTable.SourceSuspended, stream, version, new() { ["iss"] = agency.Iss, ["reason"] = "late" }),
        }.ToJsonString();
    }

    public ValueTask DisposeAsync() => ledger.DisposeAsync();

    [Fact]
    public async Task A_command_that_is_sent_twice_is_done_once_and_answered_twice()
    {
        using var first = await Post(suspension, "click-1");
        using var second = await Post(suspension, "click-1");
        using var other = await Post(suspension, "click-2");

        ((int)first.StatusCode).ShouldBe(202);
        first.Headers.Contains(Idempotency.ReplayedHeader).ShouldBeFalse();
        ((int)second.StatusCode).ShouldBe(202);
        second.Headers.GetValues(Idempotency.ReplayedHeader).ShouldBe(["true"]);
        (await second.Content.ReadAsStringAsync()).ShouldBe(await first.Content.ReadAsStringAsync());
        second.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        (await Code(other)).ShouldBe("source-inactive", "another key is another command, and the source is suspended already");
    }

    [Fact]
    public async Task A_key_belongs_to_one_request()
    {
        using var first = await Post(suspension, "click-1");
        using var second = await Post(suspension.Replace("late", "soon", StringComparison.Ordinal), "click-1");

        ((int)second.StatusCode).ShouldBe(409);
        (await Code(second)).ShouldBe("idempotency-reused");
    }

    [Fact]
    public async Task Twenty_clicks_at_once_write_one_event()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Post(suspension, "click-1")));

        var codes = answers.Select(a => (int)a.StatusCode).ToList();
        codes.ShouldContain(202);
        codes.ShouldAllBe(c => c == 202 || c == 409);
        foreach (var refused in answers.Where(a => (int)a.StatusCode == 409))
        {
            (await Code(refused)).ShouldBe("idempotency-busy");
        }
        using var again = await Post(suspension, "click-1");
        ((int)again.StatusCode).ShouldBe(202);
    }

    [Fact]
    public async Task A_key_that_is_no_key_is_refused()
    {
        using var answer = await Post(suspension, new string('k', 101));
        (await Code(answer)).ShouldBe("request-malformed");
    }

    private async Task<HttpResponseMessage> Post(string body, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/o2c/v1/controls") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add(Idempotency.Header, key);
        return await ledger.Http.SendAsync(request);
    }

    private async Task<long> Version(string stream)
    {
        using var json = JsonDocument.Parse(await ledger.Http.GetStringAsync($"/o2c/v1/streams/{stream}"));
        return json.RootElement.GetProperty("version").GetInt64();
    }

    private static async Task<string> Code(HttpResponseMessage answer)
    {
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return json.RootElement.GetProperty("code").GetString()!;
    }
}
