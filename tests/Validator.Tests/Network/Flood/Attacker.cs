using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using EventLedger.Validator.Gateway;
using EventLedger.Validator.Network;
using EventLedger.Wire;

namespace EventLedger.Validator.Tests.Network.Flood;

/// <summary>Somebody who holds one validator's transport key and writes as much as each of the others takes, and comes again as soon as it is thrown out.</summary>
public sealed class Attacker(X509Certificate2 own, IReadOnlyList<PeerAddress> targets)
{
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(0.5 / ConnectionGate.HandshakesPerSecond);

    private long bytes, streams;

    /// <summary>Bytes written so far.</summary>
    public long Bytes => Interlocked.Read(ref bytes);

    /// <summary>Streams opened so far.</summary>
    public long Streams => Interlocked.Read(ref streams);

    /// <summary>Floods all targets until it is cancelled; <paramref name="next"/> gives the next bytes to write.</summary>
    public Task Flood(Func<ReadOnlyMemory<byte>> next, CancellationToken ct) => Task.WhenAll(targets.Select(target => Task.Run(() => Flood(target, next, ct), CancellationToken.None)));

    private async Task Flood(PeerAddress target, Func<ReadOnlyMemory<byte>> next, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            using var client = new HttpClient(TransportCertificate.Handler(own, target.TransportKids[0])) { Timeout = Timeout.InfiniteTimeSpan };
            using var request = new HttpRequestMessage(HttpMethod.Post, $"https://{target.Addresses[0]}{PeerEndpoint.Path}")
            {
                Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new Junk(body => Write(body, next, ct)),
            };
            try
            {
                using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or SocketException)
            {
                // Thrown out, or not let in: again, twice as often as the gate allows. More would only burn this machine's cores on the attacker's side.
                await Task.Delay(Again, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task Write(Stream body, Func<ReadOnlyMemory<byte>> next, CancellationToken ct)
    {
        Interlocked.Increment(ref streams);
        while (true)
        {
            var junk = next();
            await body.WriteAsync(junk, ct);
            await body.FlushAsync(ct);
            Interlocked.Add(ref bytes, junk.Length);
        }
    }

    private sealed class Junk(Func<Stream, Task> write) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => write(stream);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
