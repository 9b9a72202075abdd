using System.Net;
using System.Text;
using EventLedger.Api.Telemetry;
using EventLedger.Api.Tests.Support;
using EventLedger.Tests.Shared;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace EventLedger.Api.Tests.Telemetry;

[Collection(Alone.Name)]
public sealed class ExportTests(PostgresFixture postgres)
{
    /// <summary>A collector of ours takes what the exporter sends: names are looked for in the bytes, where protobuf leaves texts as they are.</summary>
    [Fact]
    public async Task Traces_and_metrics_go_to_the_collector_that_is_named()
    {
        var heard = new Heard();
        await using var collector = await Collector(heard);
        Environment.SetEnvironmentVariable(TelemetryHost.OtlpVariable, collector.Urls.First());
        Environment.SetEnvironmentVariable("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
        Environment.SetEnvironmentVariable("OTEL_METRIC_EXPORT_INTERVAL", "500");
        Environment.SetEnvironmentVariable("OTEL_BSP_SCHEDULE_DELAY", "200");
        try
        {
            await using var ledger = await TestLedger.Start(await postgres.Cluster.CreateDatabase());
            (await ledger.Http.GetAsync("/ledger/v1/head")).EnsureSuccessStatusCode();

            await heard.Until("/v1/traces", "GET /ledger/v1/head");
            await heard.Until("/v1/traces", "P2R");
            await heard.Until("/v1/metrics", "eventledger.height");
        }
        finally
        {
            foreach (var name in new[] { TelemetryHost.OtlpVariable, "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_METRIC_EXPORT_INTERVAL", "OTEL_BSP_SCHEDULE_DELAY" })
            {
                Environment.SetEnvironmentVariable(name, null);
            }
        }
    }

    private static async Task<WebApplication> Collector(Heard heard)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            heard.Take(http.Request.Path, Encoding.Latin1.GetString(body.ToArray()));
        });
        await app.StartAsync();
        return app;
    }

    private sealed class Heard
    {
        private readonly List<(string Path, string Text)> all = [];
        private TaskCompletionSource came = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Take(string path, string text)
        {
            lock (all)
            {
                all.Add((path, text));
                came.TrySetResult();
                came = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        public async Task Until(string path, string text)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            while (true)
            {
                Task next;
                lock (all)
                {
                    if (all.Any(a => a.Path == path && a.Text.Contains(text, StringComparison.Ordinal)))
                    {
                        return;
                    }
                    next = came.Task;
                }
                await next.WaitAsync(limit.Token);
            }
        }
    }
}
