using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using EventLedger.Api.Telemetry;
using EventLedger.Api.Tests.Support;
using EventLedger.Tests.Shared;
using Xunit;

namespace EventLedger.Api.Tests.Telemetry;

/// <summary>A request's way through the reference points, as whoever asked sees it and as a collector of traces does.</summary>
[Collection(Alone.Name)]
public sealed partial class HopTests(PostgresFixture postgres) : IAsyncLifetime
{
    private TestLedger ledger = null!;
    private long seq;

    public async ValueTask InitializeAsync()
    {
        ledger = await TestLedger.Start(await postgres.Cluster.CreateDatabase());
        var agency = await Agency.Register(ledger);
        var (status, bundle) = await agency.Submit(agency.Licence("H-1"), prefer: "wait=30");
        status.ShouldBe(201, bundle.ToString());
        seq = bundle.GetProperty("entry").GetProperty("seq").GetInt64();
    }

    public ValueTask DisposeAsync() => ledger.DisposeAsync();

    [Fact]
    [Y4561("D-8.7-2")]
    public async Task An_answer_that_asked_the_chain_tells_the_hop_from_U2S_to_S2P_with_times()
    {
        using var answer = (await ledger.Http.GetAsync($"/u2s/v1/records/{seq}/proof")).EnsureSuccessStatusCode();

        var hops = Timing().Matches(answer.Headers.GetValues("Server-Timing").ShouldHaveSingleItem());
        hops.Select(h => (h.Groups["point"].Value, h.Groups["call"].Value)).ShouldBe([("u2s", "GetRecordProof"), ("s2p", "proof of a record")]);
        var ms = hops.Select(h => double.Parse(h.Groups["ms"].Value, CultureInfo.InvariantCulture)).ToList();
        ms[1].ShouldBeGreaterThan(0);
        ms[1].ShouldBeLessThanOrEqualTo(ms[0]);
    }

    [Fact]
    public async Task An_answer_out_of_the_tables_alone_tells_of_no_hop()
    {
        using var answer = (await ledger.Http.GetAsync($"/u2s/v1/records/{seq}")).EnsureSuccessStatusCode();

        answer.Headers.Contains("Server-Timing").ShouldBeFalse();
    }

    [Fact]
    [Y4561("D-8.7-2")]
    public async Task In_the_trace_of_the_request_the_hop_is_a_span_within_that_of_U2S()
    {
        var (trace, caller, spans) = (ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), new ConcurrentQueue<Activity>());
        var served = new TaskCompletionSource<Activity>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is LedgerMeter.Name or "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                spans.Enqueue(span);
                // The validators' gateways are in this process too, and their spans in the same trace.
                if (span.TraceId == trace && span.ParentSpanId == caller)
                {
                    served.TrySetResult(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/u2s/v1/records/{seq}/proof");
        request.Headers.Add("traceparent", $"00-{trace}-{caller}-01");
        using var answer = (await ledger.Http.SendAsync(request)).EnsureSuccessStatusCode();

        var whole = await served.Task.WaitAsync(TimeSpan.FromSeconds(30));
        answer.Headers.GetValues(TelemetryHost.CorrelationHeader).ShouldBe([trace.ToString()]);
        var hop = spans.Where(s => s.TraceId == trace && s.Source.Name == LedgerMeter.Name).ShouldHaveSingleItem();
        (hop.OperationName, hop.GetTagItem("eventledger.point"), hop.ParentSpanId).ShouldBe(("S2P proof of a record", "S2P", whole.SpanId));
        hop.StartTimeUtc.ShouldBeGreaterThanOrEqualTo(whole.StartTimeUtc);
        (hop.StartTimeUtc + hop.Duration).ShouldBeLessThanOrEqualTo(whole.StartTimeUtc + whole.Duration);
    }

    [GeneratedRegex("""(?<point>[a-z0-9]+);desc="(?<call>[^"]+)";dur=(?<ms>[0-9.]+)""")]
    private static partial Regex Timing();
}
