using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using EventLedger.Domain.Ledger;
using Google.Protobuf;

namespace EventLedger.Wire;

/// <summary>The caller's side of one validator's gateway, linked by hosts and the CLI: one HTTP/2 connection over mutual TLS that all calls share.</summary>
public sealed class ValidatorClient : IDisposable
{
    private const string Service = "/eventledger.v1.Gateway/";

    private readonly HttpClient http;

    /// <summary>Connects at the first call.</summary>
    /// <param name="validator">Name, address and keys.</param>
    /// <param name="own">What this side shows.</param>
    /// <param name="replaced">Transport keys that the validator may still show.</param>
    public ValidatorClient(GenesisValidator validator, X509Certificate2 own, params IReadOnlyCollection<string> replaced)
    {
        Validator = validator;
        http = new(TransportCertificate.Handler(own, kid => kid == validator.Member.Keys[KeyPurpose.Transport].Kid || replaced.Contains(kid)))
        {
            BaseAddress = new($"https://{validator.Address}"),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>Who it is.</summary>
    public GenesisValidator Validator { get; }

    /// <summary>One call with one answer; throws what <see cref="IsAway"/> knows.</summary>
    /// <param name="method">Name in <c>ledger.proto</c>.</param>
    /// <param name="frame">From <see cref="GrpcFrames.Encode"/>; shared by calls to several validators.</param>
    /// <param name="parser">Of the answer.</param>
    /// <param name="deadline">Longest wait.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<T> Call<T>(string method, byte[] frame, MessageParser<T> parser, TimeSpan deadline, CancellationToken cancellation)
        where T : class, IMessage<T>
    {
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timer.CancelAfter(deadline);
        try
        {
            using var response = await Send(method, frame, timer.Token);
            var reader = PipeReader.Create(await response.Content.ReadAsStreamAsync(timer.Token));
            var reply = await GrpcFrames.ReadAsync(reader, parser, GrpcFrames.MessageBytesMax, timer.Token);
            await Drain(reader, timer.Token);
            ThrowUnlessOk(response);
            return reply ?? throw new GrpcException(GrpcCode.Internal, "no answer");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new GrpcException(GrpcCode.DeadlineExceeded, $"{Validator.Name} did not answer within {deadline.TotalSeconds} s");
        }
    }

    /// <summary>What the validator says of itself.</summary>
    public Task<HealthReply> Health(CancellationToken cancellation) =>
        Call("GetHealth", GrpcFrames.Encode(new HealthRequest()), HealthReply.Parser, TimeSpan.FromSeconds(3), cancellation);

    /// <summary>A stream of blocks; with <c>follow</c> it ends only by an exception.</summary>
    public async IAsyncEnumerable<Block> Blocks(BlocksRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var response = await Send("GetBlocks", GrpcFrames.Encode(request), cancellation);
        var reader = PipeReader.Create(await response.Content.ReadAsStreamAsync(cancellation));
        while (await GrpcFrames.ReadAsync(reader, Block.Parser, GrpcFrames.MessageBytesMax, cancellation) is { } block)
        {
            yield return block;
        }
        ThrowUnlessOk(response);
    }

    /// <summary>Whether an error says that this validator cannot be had at present.</summary>
    public static bool IsAway(Exception e) => e is HttpRequestException or GrpcException or IOException or SocketException;

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private async Task<HttpResponseMessage> Send(string method, byte[] frame, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Service + method)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(frame) { Headers = { ContentType = new("application/grpc") } },
        };
        request.Headers.TE.Add(new("trailers"));
        var response = await Answer(request, cancellation);
        if (response.StatusCode == HttpStatusCode.OK)
        {
            return response;
        }
        response.Dispose();
        throw new GrpcException(GrpcCode.Unavailable, $"{Validator.Name} answered HTTP {(int)response.StatusCode}");
    }

    // A connection that does not come about in time ends like a call that somebody gave up. Nobody did: the validator is away.
    private async Task<HttpResponseMessage> Answer(HttpRequestMessage request, CancellationToken cancellation)
    {
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new GrpcException(GrpcCode.Unavailable, $"{Validator.Name} takes no connection: {e.InnerException?.Message ?? e.Message}");
        }
    }

    // Trailers come after the last byte.
    private static async Task Drain(PipeReader reader, CancellationToken cancellation)
    {
        while (true)
        {
            var read = await reader.ReadAsync(cancellation);
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    private static void ThrowUnlessOk(HttpResponseMessage response)
    {
        var text = response.TrailingHeaders.TryGetValues("grpc-status", out var trailer) ? trailer.First()
            : response.Headers.TryGetValues("grpc-status", out var header) ? header.First() : null;
        if (text != "0")
        {
            var message = response.TrailingHeaders.TryGetValues("grpc-message", out var words) || response.Headers.TryGetValues("grpc-message", out words)
                ? Uri.UnescapeDataString(words.First())
                : "no status";
            throw new GrpcException(int.TryParse(text, out var code) ? (GrpcCode)code : GrpcCode.Internal, message);
        }
    }
}
