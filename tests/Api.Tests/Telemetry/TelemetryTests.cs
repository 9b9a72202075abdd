using EventLedger.Api.Telemetry;
using EventLedger.Api.Tests.Support;
using EventLedger.Tests.Shared;
using Xunit;

namespace EventLedger.Api.Tests.Telemetry;

[Collection(Alone.Name)]
public sealed class TelemetryTests(PostgresFixture postgres) : IAsyncLifetime
{
    private TestLedger ledger = null!;

    public async ValueTask InitializeAsync() => ledger = await TestLedger.Start(await postgres.Cluster.CreateDatabase());

    public ValueTask DisposeAsync() => ledger.DisposeAsync();

    [Fact]
    public async Task Metrics_count_requests_by_reference_point_and_what_was_sealed()
    {
        var agency = await Agency.Register(ledger);
        var (_, body) = await agency.Submit(agency.Licence("M-1"));
        await ledger.Sealed(body.GetProperty("seq").GetInt64());

        var metrics = await Metrics();

        Value(metrics, "eventledger_entries_total").ShouldBeGreaterThanOrEqualTo(body.GetProperty("seq").GetInt64() - 1);
        Value(metrics, "eventledger_size").ShouldBeGreaterThanOrEqualTo(body.GetProperty("seq").GetInt64());
        Value(metrics, "eventledger_projection_lag", "projection=\"provisioning\"").ShouldBeGreaterThanOrEqualTo(0);
        Value(metrics, "http_server_request_duration_seconds_count", "http_route=\"/r2d/v1/submissions\"", "point=\"R2D\"", "http_response_status_code=\"202\"").ShouldBe(1);
        Value(metrics, "http_server_request_duration_seconds_count", "point=\"O2C\"", "http_route=\"/o2c/v1/controls\"").ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Metrics_tell_a_validator_that_is_gone_from_those_that_are_there()
    {
        await ledger.StopValidator(3);

        await Until(async () => Value(await Metrics(), "eventledger_validator_up", "validator=\"v4\"") == 0);
        Value(await Metrics(), "eventledger_validator_up", "validator=\"v1\"").ShouldBe(1);
    }

    [Theory]
    [InlineData("clerk-7.2026_11", true)]
    [InlineData("no spaces", false)]
    [InlineData("line\tbreak", false)]
    public async Task An_answer_carries_the_id_that_its_request_brought_or_a_new_one(string id, bool isTaken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/ledger/v1/head");
        request.Headers.TryAddWithoutValidation(TelemetryHost.CorrelationHeader, id);

        using var answer = await ledger.Http.SendAsync(request);

        var answered = answer.Headers.GetValues(TelemetryHost.CorrelationHeader).ShouldHaveSingleItem();
        (answered == id).ShouldBe(isTaken);
        answered.ShouldNotBeEmpty();
    }

    private async Task<string[]> Metrics() => (await ledger.Http.GetStringAsync("/metrics")).Split('\n');

    private static async Task Until(Func<Task<bool>> holds)
    {
        var limit = DateTime.UtcNow.AddSeconds(60);
        while (!await holds())
        {
            DateTime.UtcNow.ShouldBeLessThan(limit);
            await Task.Delay(200);
        }
    }

    private static double Value(string[] metrics, string name, params string[] tags)
    {
        var line = metrics.Where(l => l.StartsWith(name + "{", StringComparison.Ordinal) && tags.All(t => l.Contains(t, StringComparison.Ordinal)))
            .ShouldHaveSingleItem($"{name} {string.Join(", ", tags)} in\n{string.Join('\n', metrics.Where(l => l.StartsWith(name, StringComparison.Ordinal)))}");
        return double.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
