using System.Globalization;
using System.Net.Http.Headers;
using EventLedger.Api.Http;
using EventLedger.Api.Tests.Support;
using EventLedger.Domain.Ledger;
using EventLedger.Tests.Shared;
using Xunit;

namespace EventLedger.Api.Tests.Identity;

public sealed class RateLimitTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const int Max = 5;

    private TestLedger ledger = null!;

    public async ValueTask InitializeAsync() => ledger = await TestLedger.Start(await postgres.Cluster.CreateDatabase(), Probe.Map, options: o => o with { RequestsPerMinute = Max });

    public ValueTask DisposeAsync() => ledger.DisposeAsync();

    [Fact]
    [Y4561("N-6.2.6-a")]
    public async Task Each_answer_says_what_is_left_and_who_asks_too_often_waits_alone()
    {
        var (_, other) = await TokenFor.Bind(ledger, Role.Operator);
        var (mine, others) = (await TokenFor.Person(ledger, ledger.Operators[0], "o2c"), await TokenFor.Person(ledger, other, "o2c"));
        // A minute may end in between; within the next one the limit is met.
        HttpResponseMessage? refused = null;
        for (var i = 0; i < 2 * Max + 2 && refused is null; i++)
        {
            var answer = await Call(mine);
            answer.Headers.GetValues("RateLimit-Policy").ShouldBe([$"\"caller\";q={Max};w=60"]);
            answer.Headers.GetValues("RateLimit").Single().ShouldStartWith("\"caller\";r=");
            refused = (int)answer.StatusCode == 429 ? answer : null;
        }
        refused.ShouldNotBeNull();
        int.Parse(refused.Headers.GetValues("Retry-After").Single(), CultureInfo.InvariantCulture).ShouldBeInRange(1, 60);
        (await Agency.Read(refused)).Body.GetProperty("code").GetString().ShouldBe("rate-limited");
        ((int)(await Call(others)).StatusCode).ShouldBe(200, "another caller is not made to wait");
        ((int)(await ledger.Http.GetAsync("/u2s/v1/records")).StatusCode).ShouldBe(200, "nor is an open page");
    }

    private async Task<HttpResponseMessage> Call(string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Probe.Of("o2c", Policy.Operator));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await ledger.Http.SendAsync(request);
    }
}
