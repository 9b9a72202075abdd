using EventLedger.Validator.Network.Wire;
using EventLedger.Wire;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace EventLedger.Validator.Network;

/// <summary>The receiving end of a peer's stream: size and rate are bounded before anything is parsed.</summary>
public static class PeerEndpoint
{
    /// <summary>Where peers post their streams.</summary>
    public const string Path = "/peer/v1/stream";

    /// <summary>Messages per second from one peer; whoever sends more is slowed down, not refused.</summary>
    public const int MessagesPerSecondMax = 2000;

    /// <summary>Maps the endpoint. <paramref name="peerOf"/> tells the kid of a transport key, or null for one that is no peer's.</summary>
    public static void Map(IEndpointRouteBuilder routes, Func<string, string?> peerOf, Action<string> opened, Func<string, PeerMessage, CancellationToken, ValueTask> receive,
        CancellationToken stopping) =>
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
            opened(peer);
            await Read(http, peer, () => peerOf(transport) == peer, receive, ended.Token);
        });

    private static async Task Read(HttpContext http, string peer, Func<bool> isPeer, Func<string, PeerMessage, CancellationToken, ValueTask> receive, CancellationToken ct)
    {
        var (window, count) = (Environment.TickCount64, 0);
        try
        {
            while (await GrpcFrames.ReadAsync(http.Request.BodyReader, PeerMessage.Parser, GrpcFrames.MessageBytesMax, ct) is { } message)
            {
                // Whoever has left the set meanwhile is let go, and whoever goes by another key now opens its stream anew.
                if (!isPeer())
                {
                    http.Abort();
                    return;
                }
                await receive(peer, message, ct);
                if (++count < MessagesPerSecondMax)
                {
                    continue;
                }
                var left = window + 1000 - Environment.TickCount64;
                if (left > 0)
                {
                    await Task.Delay((int)left, ct);
                }
                (window, count) = (Environment.TickCount64, 0);
            }
        }
        catch (Exception e) when (e is GrpcException or OperationCanceledException or IOException)
        {
            // A cut or malformed stream ends here; the peer opens a new one.
            http.Abort();
        }
    }
}
