using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace EventLedger.Conformance.Faults;

/// <summary>
/// Stands on the address that genesis names for one validator and forwards to where it listens, as well or badly as the link from the caller allows.
/// A validator's messages to a peer run on the connection that it opened itself, so a fault of one link is a fault of one direction.
/// </summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private const int ChunkBytes = 16 << 10, ChunksMax = 64;

    private readonly TcpListener listener;
    private readonly int to, target;
    private readonly Links links;
    private readonly Func<IEnumerable<(int Who, int Pid)>> processes;
    private readonly ConcurrentDictionary<(Socket Near, Socket Far), int> open = [];
    private readonly CancellationTokenSource stopping = new();
    private readonly Task accepting;

    /// <summary>Begins to listen.</summary>
    /// <param name="to">The validator behind it, from 1.</param>
    /// <param name="port">Where callers come.</param>
    /// <param name="target">Where the validator listens.</param>
    /// <param name="links">How each link is.</param>
    /// <param name="processes">Who may call; everybody else has an open link.</param>
    public FaultProxy(int to, int port, int target, Links links, Func<IEnumerable<(int Who, int Pid)>> processes)
    {
        (this.to, this.target, this.links, this.processes) = (to, target, links, processes);
        listener = new(IPAddress.Loopback, port);
        listener.Start();
        links.Reset += OnReset;
        accepting = Accept();
    }

    public async ValueTask DisposeAsync()
    {
        links.Reset -= OnReset;
        await stopping.CancelAsync();
        listener.Dispose();
        foreach (var (pair, _) in open)
        {
            Abort(pair.Near, pair.Far);
        }
        await accepting;
        stopping.Dispose();
    }

    private void OnReset(int from, int at)
    {
        foreach (var (pair, who) in open)
        {
            if (at == to && who == from)
            {
                Abort(pair.Near, pair.Far);
            }
        }
    }

    private async Task Accept()
    {
        var lines = new ConcurrentDictionary<Task, bool>();
        try
        {
            while (true)
            {
                var near = await listener.AcceptSocketAsync();
                var line = Task.Run(() => Line(near));
                lines[line] = true;
                _ = line.ContinueWith(done => lines.TryRemove(done, out _), TaskScheduler.Default);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(lines.Keys);
        }
    }

    private async Task Line(Socket near)
    {
        var from = Callers.Find(((IPEndPoint)near.RemoteEndPoint!).Port, ((IPEndPoint)near.LocalEndPoint!).Port, processes());
        using var far = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
        open[(near, far)] = from ?? -1;
        try
        {
            // Looked at after the line is listed: a cut in between must meet it on one side or the other.
            if (from is { } who && links[who, to].IsCut)
            {
                return;
            }
            await far.ConnectAsync(IPAddress.Loopback, target, ended.Token);
            near.NoDelay = far.NoDelay = true;
            await await Task.WhenAny(Pump(near, far, from, ended.Token), Pump(far, near, from, ended.Token));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Either end went away, or the link was cut.
        }
        finally
        {
            await ended.CancelAsync();
            open.TryRemove((near, far), out _);
            Abort(near, far);
        }
    }

    // What is read waits here until it is due; the bound makes a stalled link push back, as a full window does.
    private async Task Pump(Socket source, Socket sink, int? from, CancellationToken ct)
    {
        var way = Channel.CreateBounded<(byte[] Bytes, long At)>(ChunksMax);
        var sending = Send();
        await await Task.WhenAny(sending, Receive());

        async Task Receive()
        {
            var buffer = new byte[ChunkBytes];
            for (int n; (n = await source.ReceiveAsync(buffer, ct)) > 0;)
            {
                await way.Writer.WriteAsync((buffer[..n], Environment.TickCount64), ct);
            }
            way.Writer.Complete();
            await sending;
        }

        async Task Send()
        {
            await foreach (var (bytes, at) in way.Reader.ReadAllAsync(ct))
            {
                if (from is { } who)
                {
                    await links.Flows(who, to, ct);
                    var state = links[who, to];
                    var wait = at + state.DelayMs - Environment.TickCount64;
                    wait = Math.Max(wait, state.BytesPerSecond > 0 ? 1000L * bytes.Length / state.BytesPerSecond : 0);
                    if (wait > 0)
                    {
                        await Task.Delay((int)wait, ct);
                    }
                }
                for (var sent = 0; sent < bytes.Length;)
                {
                    sent += await sink.SendAsync(bytes.AsMemory(sent), ct);
                }
            }
        }
    }

    // Without lingering: a reset and not an orderly end, so that the other side does not believe that everything was said.
    private static void Abort(params Socket[] both) => Array.ForEach(both, socket => socket.Close(0));
}
