using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Google.Protobuf;

namespace EventLedger.Wire;

/// <summary>Calls one validator's gateway. Whoever links this file shows a transport key that is on the ledger.</summary>
/// <param name="http">Made with <see cref="TransportCertificate.Handler"/>; its base address is the validator's.</param>
public sealed class GatewayClient(HttpClient http) : IDisposable
{
    private static readonly MediaTypeHeaderValue Grpc = new("application/grpc");

    /// <summary>Hands over a batch.</summary>
    public Task<BatchReply> SubmitBatch(Batch batch, CancellationToken cancel) => Unary("SubmitBatch", batch, BatchReply.Parser, cancel);

    /// <summary>The newest sealed block without its items.</summary>
    public Task<Block> GetHead(CancellationToken cancel) => Unary("GetHead", new HeadRequest(), Block.Parser, cancel);

    /// <summary>A signed statement of a record's status.</summary>
    public Task<StatusReply> GetStatus(StatusRequest request, CancellationToken cancel) => Unary("GetStatus", request, StatusReply.Parser, cancel);

    /// <summary>What the validator says of itself.</summary>
    public Task<HealthReply> GetHealth(CancellationToken cancel) => Unary("GetHealth", new HealthRequest(), HealthReply.Parser, cancel);

    /// <summary>Sealed blocks in order of height; with <c>follow</c> it goes on with each new one until cancelled.</summary>
    public async IAsyncEnumerable<Block> GetBlocks(BlocksRequest request, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var response = await Send("GetBlocks", request, cancel);
        var reader = PipeReader.Create(await response.Content.ReadAsStreamAsync(cancel));
        while (await GrpcFrames.ReadAsync(reader, Block.Parser, GrpcFrames.MessageBytesMax, cancel) is { } block)
        {
            yield return block;
        }
        ThrowOnStatus(response.TrailingHeaders);
    }

    /// <summary>Closes the connection.</summary>
    public void Dispose() => http.Dispose();

    private async Task<T> Unary<T>(string method, IMessage request, MessageParser<T> parser, CancellationToken cancel)
        where T : class, IMessage<T>
    {
        using var response = await Send(method, request, cancel);
        var reader = PipeReader.Create(await response.Content.ReadAsStreamAsync(cancel));
        var answer = await GrpcFrames.ReadAsync(reader, parser, GrpcFrames.MessageBytesMax, cancel);
        // Trailers come with the end of the body, so it has to be read.
        while (await reader.ReadAsync(cancel) is { IsCompleted: false } rest)
        {
            reader.AdvanceTo(rest.Buffer.End);
        }
        ThrowOnStatus(response.TrailingHeaders);
        return answer ?? throw new GrpcException(GrpcCode.Internal, "no answer");
    }

    private async Task<HttpResponseMessage> Send(string method, IMessage message, CancellationToken cancel)
    {
        using var content = new ByteArrayContent(GrpcFrames.Encode(message));
        content.Headers.ContentType = Grpc;
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/eventledger.v1.Gateway/{method}", UriKind.Relative))
        {
            Content = content, Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.TE.Add(new("trailers"));
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        try
        {
            ThrowOnStatus(response.Headers);
            return response.IsSuccessStatusCode ? response : throw new GrpcException(GrpcCode.Unavailable, $"HTTP {(int)response.StatusCode}");
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private static void ThrowOnStatus(HttpResponseHeaders headers)
    {
        if (headers.TryGetValues("grpc-status", out var values) && int.TryParse(values.First(), out var code) && code != 0)
        {
            throw new GrpcException((GrpcCode)code, headers.TryGetValues("grpc-message", out var text) ? Uri.UnescapeDataString(text.First()) : "");
        }
    }
}
