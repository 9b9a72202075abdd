using System.Collections.Concurrent;
using EventLedger.Api.Host;
using EventLedger.Api.Http;
using EventLedger.Api.Provisioning.Records;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Provisioning;

/// <summary>
/// The lists that records name in <c>status</c>: <c>GET /status/{source}/{n}</c>, signed by this host, for wallets that ask for no proof.
/// Source: Token Status List (draft-ietf-oauth-status-list) section 8.
/// </summary>
public sealed class StatusLists(RecordTables tables, HostKeys keys, LedgerHead head, LedgerOptions options, TimeProvider clock)
{
    private const int TtlSeconds = 60, KeptMax = 64;

    // A list has 2^20 places: it is packed and signed again only when something was sealed, or its time is over.
    private readonly ConcurrentDictionary<string, (long Size, LedgerTime Made, string Token)> kept = new(StringComparer.Ordinal);

    /// <summary>The signed list at an address.</summary>
    public async Task<string> Token(string uri, CancellationToken cancellation)
    {
        var (size, now) = (head.Header.Size, LedgerTime.From(clock.GetUtcNow()));
        if (kept.TryGetValue(uri, out var known) && (known.Size == size || now < known.Made.PlusMs(1000)) && now < known.Made.PlusMs(TtlSeconds * 500))
        {
            return known.Token;
        }
        var token = StatusList.Sign(keys.Status, uri, now, TtlSeconds, await tables.StatusValues(uri, size, cancellation));
        if (kept.Count >= KeptMax)
        {
            kept.Clear();
        }
        kept[uri] = (size, now, token);
        return token;
    }

    /// <summary>The address under which records name the list that a request asks for.</summary>
    public string Uri(HttpRequest request) => (options.BaseUrl ?? $"{request.Scheme}://{request.Host}") + request.Path;
}

/// <summary>The HTTP side of <see cref="StatusLists"/>.</summary>
public static class StatusListEndpoint
{
    /// <summary>Maps <c>/status/{source}/{n}</c>.</summary>
    public static void MapStatusLists(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/status/{source:length(16)}/{n:int:min(0)}", Handle).WithTags("U2S").Need(Policy.Public).WithName("GetStatusList")
            .WithSummary("A source's status list as a signed token");

    private static async Task<IResult> Handle(string source, int n, HttpContext http, HostState state, StatusLists lists, CancellationToken cancellation)
    {
        _ = n;
        if (!state.Registry.Sources.Keys.Any(iss => Digest.Of(iss).ToString().StartsWith(source, StringComparison.Ordinal)))
        {
            return Problems.From("not-found", "There is no source with this list.");
        }
        http.Response.Headers.CacheControl = "public, max-age=60";
        return TypedResults.Text(await lists.Token(lists.Uri(http.Request), cancellation), "application/statuslist+jwt");
    }
}
