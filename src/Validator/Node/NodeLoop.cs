using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Consensus;
using EventLedger.Validator.Network;
using EventLedger.Validator.Network.Wire;
using EventLedger.Validator.Storage;

namespace EventLedger.Validator.Node;

/// <summary>The node in its process: one bounded channel, one loop, and the tasks, timers and streams around it.</summary>
public sealed class NodeLoop : IOutside, IAsyncDisposable
{
    private const int InputsMax = 4096;

    /// <summary>How often a node is told that time passes.</summary>
    public static readonly TimeSpan TickEvery = TimeSpan.FromMilliseconds(250);

    private readonly Channel<NodeInput> inputs = Channel.CreateBounded<NodeInput>(new BoundedChannelOptions(InputsMax) { SingleReader = true });
    private readonly CancellationTokenSource stopping = new();
    private readonly Node node;
    private readonly BatchReader reader;
    private readonly Signer signer;
    private readonly Genesis genesis;
    private readonly ILogger log;
    private Peers? peers;
    private Exception? fault;

    /// <summary>Makes the node; <see cref="Start"/> sets it going.</summary>
    public NodeLoop(Genesis genesis, Signer signer, IBlockStore store, Timeouts timeouts, TimeProvider clock, ILogger log)
    {
        (Clock, this.log, this.signer, this.genesis) = (clock, log, signer, genesis);
        node = new(genesis, signer, store, timeouts, this, log);
        reader = new(node.Head, genesis);
    }

    /// <inheritdoc/>
    public TimeProvider Clock { get; }

    /// <inheritdoc cref="Node.KeyIn"/>
    public Func<ValidatorSet, Signer?>? KeyIn { init => node.KeyIn = value; }

    /// <inheritdoc cref="Node.Seeds"/>
    public IReadOnlyList<PeerAddress> Seeds { init => node.Seeds = value; }

    /// <inheritdoc cref="Node.Moved"/>
    public Action<Roster, string>? Moved { init => node.Moved = value; }

    /// <summary>The newest block, for everybody outside of the loop.</summary>
    public HeadSignal Head => node.Head;

    /// <inheritdoc cref="Node.Misbehaved"/>
    public event Action<Evidence>? Misbehaved
    {
        add => node.Misbehaved += value;
        remove => node.Misbehaved -= value;
    }

    /// <summary>How this validator is.</summary>
    public NodeStatus Status => fault is null ? node.Status : node.Status with { Problem = fault.Message };

    /// <summary>Blocks that were damaged here and came again from a peer, since the start; the newest last.</summary>
    public ImmutableList<MendedBlock> Mended => node.Mended;

    /// <inheritdoc cref="Node.Roster"/>
    public Roster Roster => node.Roster;

    /// <summary>Kids of the peers whose stream is open.</summary>
    public IReadOnlyList<string> Connected => peers?.Connected ?? [];

    /// <summary>Ends when the loop ends: by <see cref="DisposeAsync"/>, or with the fault that stopped it.</summary>
    public Task Running { get; private set; } = Task.CompletedTask;

    /// <summary>Starts the node, opens the streams to the peers and starts the loop.</summary>
    public void Start(Func<Action<string>, Peers> connect)
    {
        node.Start();
        peers = connect(peer => _ = Post(new NodeInput.Opened(peer)));
        Running = Task.Run(Loop);
        _ = Task.Run(TickOn);
    }

    /// <summary>Gives the loop something; waits while it is full.</summary>
    public async Task Post(NodeInput input)
    {
        try
        {
            await inputs.Writer.WriteAsync(input, stopping.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
        {
            // The node stops; nobody waits for this input any more.
        }
    }

    /// <summary>A peer's stream to this node has opened.</summary>
    public void Wake(string peer)
    {
        peers?.Wake(peer);
        _ = Post(new NodeInput.Came(peer));
    }

    /// <summary>Holds a batch that a host hands over; null when it is held, else why not.</summary>
    public async Task<string?> Submit(IReadOnlyList<ReadOnlyMemory<byte>> entries, IReadOnlyList<ReadOnlyMemory<byte>> sidecars, BatchPromise promise, CancellationToken ct)
    {
        if (!CheckedBatch.IsWithinLimits(entries, sidecars))
        {
            return "too-large";
        }
        if (!signer.Verify(promise, genesis))
        {
            return "not-signed";
        }
        await Post(new NodeInput.Coming(promise.Root));
        if (await reader.Read(entries, sidecars).WaitAsync(ct) is not { } batch)
        {
            return "malformed";
        }
        var answer = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await Post(new NodeInput.Brought(batch, promise, answer));
        return await answer.Task.WaitAsync(ct);
    }

    /// <summary>Looks at the state from within the loop that owns it.</summary>
    public async Task<T> Ask<T>(Func<Chain, T> look, CancellationToken ct)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        await Post(new NodeInput.Ask(state => answer.SetResult(look(state))));
        return await answer.Task.WaitAsync(ct);
    }

    /// <inheritdoc/>
    public void After(TimeSpan time, NodeInput input) => _ = Wait(time, input);

    /// <inheritdoc/>
    public void Offload(Func<Task<NodeInput?>> work) => _ = Task.Run(async () =>
    {
        NodeInput? result;
        try
        {
            result = await work();
        }
        catch (Exception e)
        {
            // What a peer sends never throws; so this is a bug or the disk, and the loop stops with it.
            result = new NodeInput.Ask(_ => ExceptionDispatchInfo.Throw(e));
        }
        if (result is not null)
        {
            await Post(result);
        }
    });

    /// <inheritdoc/>
    public Task<CheckedBatch?> Read(IReadOnlyList<ReadOnlyMemory<byte>> entries, IReadOnlyList<ReadOnlyMemory<byte>> sidecars) => reader.Read(entries, sidecars);

    /// <inheritdoc/>
    public void Send(string kid, PeerMessage message) => peers?.Send(kid, message);

    /// <inheritdoc/>
    public bool HasBlock(string kid) => peers?.HasBlock(kid) == true;

    /// <inheritdoc/>
    public void Broadcast(PeerMessage message) => peers?.Broadcast(message);

    /// <inheritdoc/>
    public void Blame(string kid, PeerFault fault) => peers?.Blame(kid, fault);

    /// <summary>Stops the loop and closes the streams.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await Running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (peers is not null)
        {
            await peers.DisposeAsync();
        }
    }

    private async Task Loop()
    {
        try
        {
            await foreach (var input in inputs.Reader.ReadAllAsync(stopping.Token))
            {
                node.Handle(input);
            }
        }
        catch (OperationCanceledException)
        {
            // Asked to stop.
        }
        catch (Exception e)
        {
            fault = e;
            log.LogCritical(e, "The validator stops: {Reason}", e.Message);
            throw;
        }
        finally
        {
            inputs.Writer.TryComplete();
        }
    }

    private async Task TickOn()
    {
        using var timer = new PeriodicTimer(TickEvery, Clock);
        while (!stopping.IsCancellationRequested && await timer.WaitForNextTickAsync(CancellationToken.None))
        {
            await Post(new NodeInput.Tick());
        }
    }

    private async Task Wait(TimeSpan time, NodeInput input)
    {
        await Task.Delay(time, Clock, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Post(input);
    }
}
