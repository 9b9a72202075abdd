using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using EventLedger.Wire;

namespace EventLedger.Validator.Network;

/// <summary>Where a peer listens and which key it must show there.</summary>
/// <param name="Kid">Its consensus key.</param>
/// <param name="Addresses">host:port; more than one while it moves, tried in turn.</param>
/// <param name="TransportKids">Its transport keys; more than one while it rotates them.</param>
public sealed record PeerAddress(string Kid, IReadOnlyList<string> Addresses, IReadOnlyList<string> TransportKids)
{
    /// <summary>Whether this is the same peer at the same places with the same keys.</summary>
    public bool Equals(PeerAddress? other) => other is not null && Kid == other.Kid && Addresses.SequenceEqual(other.Addresses) && TransportKids.SequenceEqual(other.TransportKids);

    /// <inheritdoc />
    public override int GetHashCode() => Kid.GetHashCode(StringComparison.Ordinal);
}

/// <summary>The stream to one peer: one HTTP/2 request whose body never ends, opened again with a growing, capped pause.</summary>
public sealed class PeerLink(PeerAddress peer, X509Certificate2 own, Action<string> opened) : IDisposable
{
    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(100), PauseMax = TimeSpan.FromSeconds(1), OpenMin = TimeSpan.FromSeconds(5);
    private readonly PeerQueue queue = new();
    private readonly SemaphoreSlim awake = new(0, 1);
    private readonly Lock waking = new();
    private int attempts;

    /// <summary>Whom it leads to. Another address or key counts from the next stream on.</summary>
    public PeerAddress Peer { get; set; } = peer;

    /// <summary>Whether a stream is open now.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Messages that were dropped because the peer reads too slowly.</summary>
    public long Dropped => queue.Dropped;

    /// <summary>Whether a block waits until the peer reads on.</summary>
    public bool HasBlock => queue.HasBlock;

    /// <summary>Sends a message when it can; without a stream it is dropped, for a new stream starts with what is needed then.</summary>
    public void Send(Outgoing message)
    {
        if (IsOpen)
        {
            queue.Add(message);
        }
    }

    /// <summary>The peer is there, for it has just opened its own stream: no reason to wait longer.</summary>
    public void Wake()
    {
        // Two streams that open at once may both wake it, and there is room for one.
        lock (waking)
        {
            if (!IsOpen && awake.CurrentCount == 0)
            {
                awake.Release();
            }
        }
    }

    /// <summary>Keeps a stream open until it is cancelled.</summary>
    public async Task Run(CancellationToken ct)
    {
        using var client = new HttpClient(TransportCertificate.Handler(own, kid => Peer.TransportKids.Contains(kid))) { Timeout = Timeout.InfiniteTimeSpan };
        var pause = PauseMin;
        while (!ct.IsCancellationRequested)
        {
            if (await Stream(client, ct))
            {
                pause = PauseMin;
            }
            else
            {
                attempts = (attempts + 1) & 0xFFFF;
            }
            await awake.WaitAsync(pause, ct).ContinueWith(_ => { }, TaskScheduler.Default);
            pause = pause * 2 < PauseMax ? pause * 2 : PauseMax;
        }
    }

    /// <summary>Frees the queue and the wait handle.</summary>
    public void Dispose()
    {
        queue.Dispose();
        awake.Dispose();
    }

    // True when the stream was open for a while: one that opens and ends again and again is tried less and less often.
    private async Task<bool> Stream(HttpClient client, CancellationToken ct)
    {
        long? openedAt = null;
        // The peer's answer ends the stream: it comes only when the peer stops listening. Its body is of no interest and is not read.
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"https://{Peer.Addresses[attempts % Peer.Addresses.Count]}{PeerEndpoint.Path}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new StreamContent(async body =>
            {
                queue.Clear();
                (IsOpen, openedAt) = (true, Stopwatch.GetTimestamp());
                opened(Peer.Kid);
                await Pump(body, ended.Token);
            }),
        };
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or SocketException)
        {
            // A peer that is away is normal; it is tried again. One that closes just after the connect shows as a bare socket error.
        }
        finally
        {
            IsOpen = false;
            await ended.CancelAsync();
        }
        return openedAt is { } at && Stopwatch.GetElapsedTime(at) >= OpenMin;
    }

    private async Task Pump(Stream body, CancellationToken ct)
    {
        await body.FlushAsync(ct);
        while (true)
        {
            for (var next = await queue.Take(ct); next is not null; next = queue.TryTake())
            {
                await body.WriteAsync(next.Frame, ct);
            }
            await body.FlushAsync(ct);
        }
    }

    private sealed class StreamContent : HttpContent
    {
        private readonly Func<Stream, Task> write;

        public StreamContent(Func<Stream, Task> write)
        {
            this.write = write;
            Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => write(stream);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
