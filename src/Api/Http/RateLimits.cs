using System.Collections.Concurrent;
using System.Globalization;
using EventLedger.Api.Host;
using EventLedger.Api.Identity;
using EventLedger.Api.Provisioning.Answers;

namespace EventLedger.Api.Http;

/// <summary>
/// How much one caller may ask for in a minute: by identity where there is one, else by address. What is left stands in every answer.
/// Source: draft-ietf-httpapi-ratelimit-headers, RFC 6585 section 4.
/// </summary>
/// <remarks>
/// The way of records is left alone: a record proves its source by itself, a source's rate is a matter of its profile, and nothing on that way is paid for twice.
/// </remarks>
public sealed class RateLimits(LedgerOptions options, SecurityNotes notes, TimeProvider clock)
{
    private const int WindowSeconds = 60, CountersMax = 100_000;

    private readonly ConcurrentDictionary<string, Counter> counters = new(StringComparer.Ordinal);

    private sealed class Counter(long window)
    {
        public readonly long Window = window;
        public int Used;
    }

    /// <summary>Counts the request and serves it, or answers 429.</summary>
    public Task Serve(HttpContext http, RequestDelegate next)
    {
        if (http.GetEndpoint() is not RouteEndpoint endpoint || endpoint.Metadata.GetMetadata<Unlimited>() is not null)
        {
            return next(http);
        }
        var caller = Caller.Of(http);
        var (name, key, max) = IsSignIn(endpoint) ? ("sign-in", $"sign-in {Address(http)}", options.SignInsPerMinute)
            : caller.IsKnown ? ("caller", $"{caller.Kind} {caller.Id}", options.RequestsPerMinute)
            : ("address", Address(http), options.AnonymousPerMinute);
        return Spend(http, name, key, max) is { } refused ? Problems.From(refused.Code, refused.Detail).ExecuteAsync(http) : next(http);
    }

    /// <summary>Counts a report of the caller's address: anybody may write one, and it costs the ledger an entry. Null while the caller may go on.</summary>
    /// <remarks>All addresses together have ten times as much: who has many of them must not fill the ledger either.</remarks>
    public Problem? Report(HttpContext http) =>
        Spend(http, "report", $"report {Address(http)}", options.ReportsPerMinute) ?? Spend(http, "reports", "reports of all", 10 * options.ReportsPerMinute);

    private Problem? Spend(HttpContext http, string name, string key, int max)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var window = now / WindowSeconds;
        var used = Interlocked.Increment(ref Of(key, window).Used);
        var (left, reset) = (Math.Max(0, max - used), WindowSeconds - (int)(now % WindowSeconds));
        var headers = http.Response.Headers;
        headers["RateLimit-Policy"] = string.Create(CultureInfo.InvariantCulture, $"\"{name}\";q={max};w={WindowSeconds}");
        headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"{name}\";r={left};t={reset}");
        if (used <= max)
        {
            return null;
        }
        notes.Note(SecurityNotes.RateLimited);
        headers.RetryAfter = reset.ToString(CultureInfo.InvariantCulture);
        return new("rate-limited", $"At most {max} requests a minute here; ask again in {reset} s.");
    }

    private Counter Of(string key, long window)
    {
        var counter = counters.GetOrAdd(key, static (_, w) => new(w), window);
        if (counter.Window == window)
        {
            return counter;
        }
        // The minute is over for everybody; whoever is not seen again should not stay in memory.
        if (counters.Count > CountersMax)
        {
            foreach (var old in counters.Where(c => c.Value.Window < window))
            {
                counters.TryRemove(old);
            }
        }
        return counters.AddOrUpdate(key, static (_, w) => new(w), static (_, c, w) => c.Window == w ? c : new(w), window);
    }

    private static bool IsSignIn(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<Guessable>() is not null && endpoint.Metadata.GetMetadata<Needed>() is { Policy.IsOpen: true };

    private static string Address(HttpContext http) => http.Connection.RemoteIpAddress?.ToString() ?? "";
}

/// <summary>An endpoint that takes secrets of callers who are not known yet: few tries a minute.</summary>
public sealed record Guessable;

/// <summary>An endpoint whose requests are not counted: probes of who runs the host, and records.</summary>
public sealed record Unlimited;
