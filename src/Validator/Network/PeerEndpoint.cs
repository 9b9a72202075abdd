using System.Collections.Concurrent;
using EventLedger.Wire;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace EventLedger.Validator.Network;

/// <summary>The receiving end of the peers' streams: one of each peer, and a newer one takes the place of an older one.</summary>
/// <param name="accounts">The peers' accounts.</param>
/// <param name="peerOf">Tells the kid of a transport key, or null for one that is no peer's.</param>
/// <param name="stopping">Ends all streams.</param>
public sealed class PeerEndpoint(PeerAccounts accounts, Func<string, string?> peerOf, CancellationToken stopping)
{
    /// <summary>Where peers post their streams.</summary>
    public const string Path = "/peer/v1/stream";

    private readonly ConcurrentDictionary<string, CancellationTokenSource> streams = new(StringComparer.Ordinal);

    /// <summary>Comes before all endpoints: whatever a peer asks of this port is counted, and a connection that is to be closed closes.</summary>
    public async Task Guard(HttpContext http, RequestDelegate next)
    {
        if (peerOf(TransportCertificate.KidOf(http.Connection.ClientCertificate)) is { } peer)
        {
            var account = accounts.Of(peer);
            var isAllowed = account.TryRequest(PeerAccounts.NowMs);
            if (account.IsClosed(PeerAccounts.NowMs))
            {
                CloseConnection(http);
                return;
            }
            if (!isAllowed || http.Request.Path != Path)
            {
                http.Response.StatusCode = isAllowed ? StatusCodes.Status403Forbidden : StatusCodes.Status429TooManyRequests;
                return;
            }
        }
        await next(http);
    }

    /// <summary>Maps the endpoint.</summary>
    /// <param name="routes">The routes.</param>
    /// <param name="opened">Hears which peer has opened a stream.</param>
    /// <param name="sinkOf">Where a peer's messages go.</param>
    public void Map(IEndpointRouteBuilder routes, Action<string> opened, Func<string, PeerSink> sinkOf) =>
        routes.MapPost(Path, async (HttpContext http) =>
        {
            var transport = TransportCertificate.KidOf(http.Connection.ClientCertificate);
            if (peerOf(transport) is not { } peer)
            {
                http.Response.StatusCode = StatusCodes.Status403Forbidden;
                return;
            }
            if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            {
                rate.MinDataRate = null;
            }
            if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            {
                size.MaxRequestBodySize = null;
            }
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
            await Replace(peer, ended);
            opened(peer);
            await Read(http, accounts.Of(peer), Known(sinkOf(peer), () => peerOf(transport) == peer), ended.Token);
            streams.TryRemove(KeyValuePair.Create(peer, ended));
        });

    // Whoever has left the set meanwhile is let go, and whoever goes by another key now opens its stream anew.
    private static PeerSink Known(PeerSink sink, Func<bool> isPeer) =>
        sink with { Receive = (message, ct) => isPeer() ? sink.Receive(message, ct) : throw new OperationCanceledException() };

    private async Task Replace(string peer, CancellationTokenSource ended)
    {
        CancellationTokenSource? before = null;
        streams.AddOrUpdate(peer, ended, (_, older) =>
        {
            before = older;
            return ended;
        });
        try
        {
            await (before?.CancelAsync() ?? Task.CompletedTask);
        }
        catch (ObjectDisposedException)
        {
            // The older one has just ended by itself.
        }
    }

    private static async Task Read(HttpContext http, PeerAccount account, PeerSink sink, CancellationToken ct)
    {
        try
        {
            await new PeerReader(http.Request.BodyReader, account, sink).Run(ct);
        }
        catch (GrpcException)
        {
            account.Close(PeerAccounts.NowMs);
            CloseConnection(http);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // A cut stream ends here; the peer opens a new one.
            http.Abort();
        }
    }

    private static void CloseConnection(HttpContext http)
    {
        http.Abort();
        http.Features.Get<IConnectionLifetimeFeature>()?.Abort();
    }
}
