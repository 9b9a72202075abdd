using EventLedger.Api.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace EventLedger.Api.Telemetry;

/// <summary>
/// Metrics at <c>/metrics</c> in Prometheus' text form; the same and traces over OTLP where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says to whom, as the
/// OpenTelemetry specification has its variables.
/// </summary>
public static class TelemetryHost
{
    /// <summary>Where the exporter is told its address.</summary>
    public const string OtlpVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Answer header, and request header of those who have an id already: ties an answer to the lines of the log.</summary>
    public const string CorrelationHeader = "X-Correlation-Id";

    private const int CorrelationMax = 64;

    /// <summary>Registers meters and, where somebody listens, traces.</summary>
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<StatusWatch>();
        builder.Services.AddHostedService(p => p.GetRequiredService<StatusWatch>());
        builder.Services.AddSingleton<LedgerMeter>();
        builder.Services.AddSingleton<Hops>();
        var isExported = !string.IsNullOrEmpty(builder.Configuration[OtlpVariable]);
        var telemetry = builder.Services.AddOpenTelemetry().ConfigureResource(r => r.AddService("eventledger"));
        telemetry.WithMetrics(metrics =>
        {
            metrics.AddMeter(LedgerMeter.Name, "Microsoft.AspNetCore.Hosting", "Npgsql").AddPrometheusExporter();
            if (isExported)
            {
                metrics.AddOtlpExporter();
            }
        });
        if (isExported)
        {
            telemetry.WithTracing(traces => traces.AddSource(LedgerMeter.Name).AddAspNetCoreInstrumentation(o => o.EnrichWithHttpResponse = (activity, response) =>
                activity.SetTag("eventledger.point", PointOf(response.HttpContext))).AddOtlpExporter());
        }
    }

    /// <summary>Tags each request with its reference point and gives it an id for the log; stands before everything that answers.</summary>
    public static void UseTelemetry(this WebApplication app)
    {
        // Made here, so that nothing is missing from its count.
        app.Services.GetRequiredService<LedgerMeter>();
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("EventLedger.Request");
        var hops = app.Services.GetRequiredService<Hops>();
        app.Use(async (http, next) =>
        {
            var id = Correlation(http);
            http.Response.Headers[CorrelationHeader] = id;
            using (log.BeginScope(new CorrelationScope(id)))
            {
                await hops.Serve(PointOf(http), http, () => next(http));
            }
            http.Features.Get<IHttpMetricsTagsFeature>()?.Tags.Add(new("point", PointOf(http)));
        });
        app.MapPrometheusScrapingEndpoint("/metrics").Need(Policy.Public).WithMetadata(new Unlimited());
    }

    // Of the endpoint that answered: pages and files have none.
    private static string PointOf(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<ITagsMetadata>()?.Tags is [var tag, ..] ? tag : "none";

    // What a caller brings goes into the log, so only what is plainly an id is taken.
    private static string Correlation(HttpContext http)
    {
        var brought = http.Request.Headers[CorrelationHeader];
        return brought is [{ Length: > 0 and <= CorrelationMax } id] && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            ? id
            : System.Diagnostics.Activity.Current?.TraceId.ToHexString() ?? http.TraceIdentifier;
    }

    private sealed class CorrelationScope(string id) : IReadOnlyList<KeyValuePair<string, object>>
    {
        public int Count => 1;

        public KeyValuePair<string, object> this[int index] => index == 0 ? new("CorrelationId", id) : throw new ArgumentOutOfRangeException(nameof(index));

        public IEnumerator<KeyValuePair<string, object>> GetEnumerator()
        {
            yield return this[0];
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
