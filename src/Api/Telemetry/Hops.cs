using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace EventLedger.Api.Telemetry;

/// <summary>
/// The way of a request from one reference point to the next, with times: a span for each hop in the request's trace, and for whoever asked the answer's
/// <c>Server-Timing</c>, which a browser shows beside the request. Source: W3C Server Timing section 3; ITU-T Y.4561 (08/2020) 8.7.
/// </summary>
public sealed class Hops(TimeProvider clock)
{
    /// <summary>The header.</summary>
    public const string Header = "Server-Timing";

    private static readonly ActivitySource Spans = new(LedgerMeter.Name);

    // Belongs to one request and goes with it through every await; null outside of a request.
    private readonly AsyncLocal<ConcurrentQueue<Hop>?> way = new();

    private sealed record Hop(string Point, string Call, TimeSpan Took);

    /// <summary>Asks through a reference point inside the host.</summary>
    /// <param name="point">Such as S2P.</param>
    /// <param name="call">What is asked, in ASCII without quotation marks.</param>
    /// <param name="ask">The asking.</param>
    public async Task<T> Through<T>(string point, string call, Func<Task<T>> ask)
    {
        using var span = Spans.StartActivity($"{point} {call}");
        span?.SetTag("eventledger.point", point);
        var start = clock.GetTimestamp();
        try
        {
            return await ask();
        }
        finally
        {
            way.Value?.Enqueue(new(point, call, clock.GetElapsedTime(start)));
        }
    }

    /// <summary>Serves a request that came in at a reference point, and tells its way in the answer when it went through another one.</summary>
    public Task Serve(string point, HttpContext http, Func<Task> next)
    {
        var (start, hops) = (clock.GetTimestamp(), new ConcurrentQueue<Hop>());
        way.Value = hops;
        http.Response.OnStarting(() =>
        {
            if (!hops.IsEmpty)
            {
                var call = http.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? "request";
                http.Response.Headers[Header] = string.Join(", ", hops.GroupBy(h => (h.Point, h.Call)).Select(g => Metric(g.Key.Point, g.Key.Call, g.Count(), g.Sum(h => h.Took.Ticks)))
                    .Prepend(Metric(point, call, 1, clock.GetElapsedTime(start).Ticks)));
            }
            return Task.CompletedTask;
        });
        return next();
    }

    private static string Metric(string point, string call, int times, long ticks) => string.Create(CultureInfo.InvariantCulture,
        $"{point.ToLowerInvariant()};desc=\"{call}{(times > 1 ? $", {times} times" : "")}\";dur={ticks / TimeSpan.TicksPerMicrosecond / 1000m:0.000}");
}
