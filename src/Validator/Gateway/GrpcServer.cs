using System.Globalization;
using Google.Protobuf;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace EventLedger.Wire;

/// <summary>The little of gRPC that the gateway needs, over Kestrel: unary calls and server streams.</summary>
public static class GrpcServer
{
    /// <summary>Maps a call with one answer.</summary>
    /// <param name="routes">The routes.</param>
    /// <param name="path">Service and method.</param>
    /// <param name="parser">Of the request.</param>
    /// <param name="bytesMax">Largest request, in bytes.</param>
    /// <param name="handle">Answers.</param>
    /// <param name="admit">Throws for a caller that may not call, before the request is read; null when all may.</param>
    public static void MapUnary<TRequest, TReply>(
        this IEndpointRouteBuilder routes, string path, MessageParser<TRequest> parser, int bytesMax, Func<TRequest, CancellationToken, Task<TReply>> handle,
        Action<HttpContext>? admit = null)
        where TRequest : class, IMessage<TRequest>
        where TReply : IMessage<TReply> =>
        routes.MapPost(path, (HttpContext http) => Run(http, async ct =>
        {
            admit?.Invoke(http);
            GrpcFrames.Write(http.Response.BodyWriter, await handle(await ReadOne(http, parser, bytesMax, ct), ct));
            await http.Response.BodyWriter.FlushAsync(ct);
        }));

    /// <summary>Maps a call with a stream of answers.</summary>
    public static void MapServerStream<TRequest, TReply>(
        this IEndpointRouteBuilder routes, string path, MessageParser<TRequest> parser, int bytesMax, Func<TRequest, CancellationToken, IAsyncEnumerable<TReply>> handle)
        where TRequest : class, IMessage<TRequest>
        where TReply : IMessage<TReply> =>
        routes.MapPost(path, (HttpContext http) => Run(http, async ct =>
        {
            var request = await ReadOne(http, parser, bytesMax, ct);
            await foreach (var reply in handle(request, ct).WithCancellation(ct))
            {
                GrpcFrames.Write(http.Response.BodyWriter, reply);
                await http.Response.BodyWriter.FlushAsync(ct);
            }
        }));

    private static async Task<T> ReadOne<T>(HttpContext http, MessageParser<T> parser, int bytesMax, CancellationToken ct)
        where T : class, IMessage<T> =>
        await GrpcFrames.ReadAsync(http.Request.BodyReader, parser, bytesMax, ct)
            ?? throw new GrpcException(GrpcCode.Internal, "the request holds no message");

    private static async Task Run(HttpContext http, Func<CancellationToken, Task> body)
    {
        if (!HttpProtocol.IsHttp2(http.Request.Protocol) || http.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) != true)
        {
            http.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }
        http.Response.ContentType = "application/grpc";
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
        using var deadline = Deadline(http);
        var (code, message) = await Outcome(http, body, deadline.Token);
        // Before the first byte the status goes into the headers, as clients expect of an answer without messages.
        if (!http.Response.HasStarted && code != GrpcCode.Ok)
        {
            http.Response.Headers["grpc-status"] = Number(code);
            http.Response.Headers["grpc-message"] = Uri.EscapeDataString(message);
            return;
        }
        http.Response.AppendTrailer("grpc-status", Number(code));
        http.Response.AppendTrailer("grpc-message", Uri.EscapeDataString(message));
    }

    private static async Task<(GrpcCode Code, string Message)> Outcome(HttpContext http, Func<CancellationToken, Task> body, CancellationToken ct)
    {
        try
        {
            await body(ct);
            return (GrpcCode.Ok, "");
        }
        catch (GrpcException e)
        {
            return (e.Code, e.Message);
        }
        catch (OperationCanceledException)
        {
            return http.RequestAborted.IsCancellationRequested ? (GrpcCode.Cancelled, "cancelled") : (GrpcCode.DeadlineExceeded, "deadline exceeded");
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return (GrpcCode.ResourceExhausted, "the request is too large");
        }
        catch (IOException)
        {
            return (GrpcCode.Cancelled, "the connection broke");
        }
    }

    private static CancellationTokenSource Deadline(HttpContext http)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        if (http.Request.Headers["grpc-timeout"] is [{ Length: > 1 and < 10 } text]
            && long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            var ticks = text[^1] switch
            {
                'H' => TimeSpan.TicksPerHour,
                'M' => TimeSpan.TicksPerMinute,
                'S' => TimeSpan.TicksPerSecond,
                'm' => TimeSpan.TicksPerMillisecond,
                _ => TimeSpan.TicksPerMicrosecond,
            };
            // A day is longer than any call; it keeps a foreign number inside the timer's range.
            source.CancelAfter(TimeSpan.FromTicks(Math.Min(TimeSpan.TicksPerDay, count * ticks)));
        }
        return source;
    }

    private static string Number(GrpcCode code) => ((int)code).ToString(CultureInfo.InvariantCulture);
}
