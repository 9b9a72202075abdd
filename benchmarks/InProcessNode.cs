using System.Threading.Channels;
using EventLedger.Domain.Ledger;
using EventLedger.Validator;
using EventLedger.Validator.Network;
using EventLedger.Validator.Network.Wire;
using EventLedger.Validator.Node;
using EventLedger.Validator.Storage;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventLedger.Bench;

/// <summary>
/// The validator's own node class with its P-256 signatures, its write-ahead log and its block store on the real disk. Only the sockets and TLS are
/// missing: what peers say is encoded, handed over in this process, and decoded by each receiver.
/// </summary>
internal sealed class InProcessNode : IOutside, IAsyncDisposable
{
    private static readonly ReadOnlyMemory<byte> NoSidecar = ReadOnlyMemory<byte>.Empty;
    private readonly Channel<Func<NodeInput>> inputs = Channel.CreateUnbounded<Func<NodeInput>>(new() { SingleReader = true });
    private readonly CancellationTokenSource stopping = new();
    private readonly Signer signer;
    private readonly BlockStore store;
    private readonly Node node;
    private readonly BatchReader reader;
    private Dictionary<string, InProcessNode> peers = [];
    private Task running = Task.CompletedTask;

    public InProcessNode(Genesis genesis, SigningKey key, string directory)
    {
        Directory.CreateDirectory(directory);
        VoteLog.WriteFirst(directory);
        signer = new(genesis.Chain, key, directory, VoteLog.TryOpen(directory));
        store = new(Path.Combine(directory, "blocks.db"));
        node = new(genesis, signer, store, ValidatorServer.Timeouts, this, NullLogger.Instance);
        reader = new(node.Head, genesis);
    }

    public string Kid => signer.Kid;

    public TimeProvider Clock => TimeProvider.System;

    public long Size => node.Head.Size;

    public long Height => node.Head.Height;

    public void Start(IEnumerable<InProcessNode> all)
    {
        peers = all.Where(p => p != this).ToDictionary(p => p.Kid);
        node.Start();
        foreach (var kid in peers.Keys)
        {
            Post(new NodeInput.Opened(kid));
            Post(new NodeInput.Came(kid));
        }
        running = Task.Run(Loop);
        _ = Task.Run(Tick);
    }

    /// <summary>Verifies a batch and holds it, as the gateway does for a host.</summary>
    public async Task Submit(IReadOnlyList<ReadOnlyMemory<byte>> entries, BatchPromise promise)
    {
        var batch = await reader.Read(entries, [.. entries.Select(_ => NoSidecar)]) ?? throw new InvalidOperationException("The batch is malformed.");
        var answer = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(new NodeInput.Brought(batch, promise, answer));
        if (await answer.Task is { } refused && !(refused == "not-next" && batch.Last <= Size))
        {
            throw new InvalidOperationException($"The batch is refused: {refused}.");
        }
    }

    /// <summary>Waits until so many entries are sealed here.</summary>
    public async Task Sealed(long size)
    {
        while (Size < size)
        {
            var reached = node.Head.Reached(Height + 1, stopping.Token).WaitAsync(TimeSpan.FromMinutes(1));
            await await Task.WhenAny(reached, running);
        }
    }

    /// <summary>How many blocks hold an entry that the rules refuse.</summary>
    public int RejectedBlocks() => Enumerable.Range(1, (int)store.Height).Count(h => store.Read(h)!.Rejected.Length > "[]".Length);

    public void After(TimeSpan time, NodeInput input) => _ = Task.Delay(time, stopping.Token).ContinueWith(
        _ => Post(input), stopping.Token, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);

    public void Offload(Func<Task<NodeInput?>> work) => _ = Task.Run(async () =>
    {
        if (await work() is { } result)
        {
            Post(result);
        }
    });

    public Task<CheckedBatch?> Read(IReadOnlyList<ReadOnlyMemory<byte>> entries, IReadOnlyList<ReadOnlyMemory<byte>> sidecars) => reader.Read(entries, sidecars);

    public void Send(string kid, PeerMessage message)
    {
        if (peers.TryGetValue(kid, out var peer))
        {
            peer.Hear(Kid, message.ToByteArray());
        }
    }

    public bool HasBlock(string kid) => false;

    public void Broadcast(PeerMessage message)
    {
        var bytes = message.ToByteArray();
        foreach (var peer in peers.Values)
        {
            peer.Hear(Kid, bytes);
        }
    }

    // Honest nodes repeat themselves, which costs a little trust; only a forgery would spoil the measurement.
    public void Blame(string kid, PeerFault fault)
    {
        if (fault != PeerFault.Useless)
        {
            throw new InvalidOperationException($"{kid} is blamed for {fault}.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        signer.Dispose();
        store.Dispose();
        stopping.Dispose();
    }

    private void Hear(string from, byte[] bytes) => inputs.Writer.TryWrite(() => new NodeInput.Said(from, PeerMessage.Parser.ParseFrom(bytes)));

    private void Post(NodeInput input) => inputs.Writer.TryWrite(() => input);

    private async Task Loop()
    {
        await foreach (var input in inputs.Reader.ReadAllAsync(stopping.Token))
        {
            node.Handle(input());
        }
    }

    private async Task Tick()
    {
        using var timer = new PeriodicTimer(NodeLoop.TickEvery);
        while (await timer.WaitForNextTickAsync(stopping.Token))
        {
            Post(new NodeInput.Tick());
        }
    }
}
