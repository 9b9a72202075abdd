using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using EventLedger.Api.Doors;
using EventLedger.Domain.Kernel;

namespace EventLedger.Api.V2M;

/// <summary>Counts the calls of every address on this host since it started, and uses the services over M2S once a minute as a data user would.</summary>
public sealed class ServiceWatch : BackgroundService
{
    private const string Meter = "Microsoft.AspNetCore.Hosting", Instrument = "http.server.request.duration";

    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    private readonly IM2S services;
    private readonly TimeProvider clock;
    private readonly MeterListener listener;
    private readonly ConcurrentDictionary<(string Method, string Route), Calls> calls = [];

    /// <summary>Begins to count.</summary>
    public ServiceWatch(IM2S services, IMeterFactory meters, TimeProvider clock)
    {
        (this.services, this.clock) = (services, clock);
        listener = new()
        {
            // Other hosts of the same process count for themselves.
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Name == Meter && instrument.Name == Instrument && ReferenceEquals(instrument.Meter.Scope, meters))
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((_, seconds, tags, _) => Count(seconds, tags));
        listener.Start();
    }

    /// <summary>What the last probes came to, and when they were made; empty before the first.</summary>
    public (LedgerTime At, IReadOnlyList<ServiceProbe> Probes) Newest { get; private set; } = (default, []);

    /// <summary>Calls by address, in order of the addresses.</summary>
    public IReadOnlyList<CallsView> Seen => [.. calls.OrderBy(c => c.Key.Route, StringComparer.Ordinal).ThenBy(c => c.Key.Method, StringComparer.Ordinal).Select(c => c.Value.View(c.Key))];

    /// <summary>Uses the services now.</summary>
    public async Task Probe(CancellationToken cancellation) => Newest = (LedgerTime.From(clock.GetUtcNow()), await services.Probe(cancellation));

    /// <inheritdoc/>
    public override void Dispose()
    {
        listener.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await Probe(stoppingToken);
        }
    }

    private void Count(double seconds, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var (method, route, status) = ("", "", 0);
        foreach (var (name, value) in tags)
        {
            switch (name)
            {
                case "http.request.method":
                    method = value as string ?? "";
                    break;
                case "http.route":
                    route = value as string ?? "";
                    break;
                case "http.response.status_code":
                    status = value as int? ?? 0;
                    break;
            }
        }
        if (route.Length > 0)
        {
            calls.GetOrAdd((method, route), static _ => new()).Add(seconds * 1000, status);
        }
    }

    private sealed class Calls
    {
        // Upper ends in milliseconds; the last takes the rest.
        private static readonly long[] Ends = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 60_000];

        private readonly long[] buckets = new long[Ends.Length];
        private long refused, failed;

        public void Add(double ms, int status)
        {
            var bucket = 0;
            while (bucket < Ends.Length - 1 && ms > Ends[bucket])
            {
                bucket++;
            }
            Interlocked.Increment(ref buckets[bucket]);
            if (status >= 500)
            {
                Interlocked.Increment(ref failed);
            }
            else if (status >= 400)
            {
                Interlocked.Increment(ref refused);
            }
        }

        public CallsView View((string Method, string Route) key)
        {
            var counted = buckets.Select((_, i) => Interlocked.Read(ref buckets[i])).ToArray();
            var total = counted.Sum();
            return new(key.Method, key.Route, total, Interlocked.Read(ref refused), Interlocked.Read(ref failed), End(counted, total, 50), End(counted, total, 99));
        }

        private static long End(long[] counted, long total, int percent)
        {
            var (wanted, seen, i) = ((total * percent + 99) / 100, 0L, 0);
            while (i < counted.Length - 1 && (seen += counted[i]) < wanted)
            {
                i++;
            }
            return Ends[i];
        }
    }
}
