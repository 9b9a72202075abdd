using System.Collections.Immutable;
using System.Threading.Channels;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Consensus;
using EventLedger.Validator.Network;
using EventLedger.Validator.Storage;
using Step = EventLedger.Validator.Consensus.Step;

namespace EventLedger.Validator.Node;

/// <summary>
/// The shell around the consensus core: one bounded channel and one loop. Input → core → write-ahead log, flushed → signatures and
/// messages leave. Whatever a peer can cause is counted or dropped; what only a bug can cause ends the loop.
/// </summary>
public sealed partial class Node : IAsyncDisposable
{
    private const int InputsMax = 4096;
    private static readonly TimeSpan TickEvery = TimeSpan.FromMilliseconds(250);

    private readonly Channel<NodeInput> inputs = Channel.CreateBounded<NodeInput>(new BoundedChannelOptions(InputsMax) { SingleReader = true });
    private readonly CancellationTokenSource stopping = new();
    private readonly Queue<Input> own = new();
    private readonly List<Action> outbox = [];
    private readonly Dictionary<Digest, Candidate> candidates = [];
    private readonly HashSet<Digest> logged = [];
    private readonly HeldBatches held = new();
    private readonly Genesis genesis;
    private readonly Chain chain;
    private readonly BlockStore store;
    private readonly Signer signer;
    private readonly TimeProvider clock;
    private readonly Timeouts timeouts;
    private readonly ILogger log;
    private readonly BatchReader reader;
    private Driver driver;
    private Rejoin rejoin;
    private Peers? peers;
    private Task running = Task.CompletedTask;
    private (long Height, int Round)? wanted;   // The round in which this node is to propose and has not.
    private long begun;                         // The newest height that the core was told to begin.
    private long headAt;                        // When the newest block was sealed here, by the clock's time stamp.

    /// <summary>Makes the node; <see cref="Start"/> sets it going.</summary>
    public Node(Genesis genesis, Signer signer, BlockStore store, Timeouts timeouts, TimeProvider clock, ILogger log)
    {
        (this.genesis, this.signer, this.store, this.timeouts, this.clock, this.log) = (genesis, signer, store, timeouts, clock, log);
        chain = new(genesis, store);
        reader = new(Head, genesis);
        driver = new(signer.Kid, 0);
        rejoin = Rejoin.Begin(signer.Kid, Set(), signer.Guard, 0);
    }

    /// <summary>The newest block, for everybody outside of the loop.</summary>
    public HeadSignal Head { get; } = new();

    /// <summary>How this validator is.</summary>
    public NodeStatus Status { get; private set; } = new(0, 0, 0, "New", IsObserving: false, "");

    /// <summary>Kids of the peers whose stream is open.</summary>
    public IReadOnlyList<string> Connected => peers?.Connected ?? [];

    /// <summary>Ends when the loop ends: by <see cref="DisposeAsync"/>, or with the fault that stopped it.</summary>
    public Task Running => running;

    /// <summary>Folds the stored blocks and the write-ahead log in, opens the streams to the peers and starts the loop.</summary>
    public void Start(Func<Action<string>, Peers> connect)
    {
        if (chain.Replay() is { } damage)
        {
            Report(damage);
        }
        headAt = clock.GetTimestamp();
        driver = new(signer.Kid, chain.Head.Height);
        rejoin = Rejoin.Begin(signer.Kid, Set(), signer.Guard, chain.Head.Height);
        Head.Set(chain.Head.Height > 0 ? store.Read(chain.Head.Height) : null, chain.State.Registry);
        ReplayLog();
        peers = connect(peer => _ = Post(new NodeInput.Opened(peer)));
        Publish();
        running = Task.Run(Loop);
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
    public void Wake(string peer) => peers?.Wake(peer);

    /// <summary>Holds a batch that a host hands over; null when it is held, else why not.</summary>
    public async Task<string?> Submit(IReadOnlyList<ReadOnlyMemory<byte>> entries, IReadOnlyList<ReadOnlyMemory<byte>> sidecars, CancellationToken ct)
    {
        if (!CheckedBatch.IsWithinLimits(entries, sidecars))
        {
            return "too-large";
        }
        if (await reader.Read(entries, sidecars).WaitAsync(ct) is not { } batch)
        {
            return "malformed";
        }
        var answer = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await Post(new NodeInput.Brought(batch, answer));
        return await answer.Task.WaitAsync(ct);
    }

    /// <summary>Looks at the state from within the loop that owns it.</summary>
    public async Task<T> Ask<T>(Func<Chain, T> look, CancellationToken ct)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        await Post(new NodeInput.Ask(state => answer.SetResult(look(state))));
        return await answer.Task.WaitAsync(ct);
    }

    /// <summary>Stops the loop and closes the streams.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
                Take(input);
                Drain();
                Publish();
            }
        }
        catch (OperationCanceledException)
        {
            // Asked to stop.
        }
        catch (Exception e)
        {
            log.LogCritical(e, "The validator stops: {Reason}", e.Message);
            Status = Status with { Problem = e.Message };
            throw;
        }
        finally
        {
            inputs.Writer.TryComplete();
        }
    }

    private async Task TickOn()
    {
        using var timer = new PeriodicTimer(TickEvery, clock);
        while (!stopping.IsCancellationRequested && await timer.WaitForNextTickAsync(CancellationToken.None))
        {
            await Post(new NodeInput.Tick());
        }
    }

    private void Take(NodeInput input)
    {
        switch (input)
        {
            case NodeInput.Said i: Hear(i.Peer, i.Message); break;
            case NodeInput.Opened i: Greet(i.Peer); break;
            case NodeInput.Brought i: Bring(i); break;
            case NodeInput.BroughtBlock i: BringBlock(i); break;
            case NodeInput.Fired i: Fire(i); break;
            case NodeInput.ProposeNow i when wanted == (i.Height, i.Round): TryPropose(); break;
            case NodeInput.Tick: OnTick(); break;
            case NodeInput.Ask i: i.Look(chain); break;
            case NodeInput.Damaged i: Report(i.Damage); break;
            default: break;
        }
    }

    // While peers have not yet told what this key has signed, nothing may be signed, so no timer may be lost to a vote that cannot be cast.
    private void Fire(NodeInput.Fired i)
    {
        if (rejoin.IsWaiting)
        {
            SetTimer(i.Height, i.Round, i.Step);
            return;
        }
        Feed(new Input.Timeout(i.Height, i.Round, i.Step));
    }

    private void Bring(NodeInput.Brought i)
    {
        var refused = i.Batch.Last <= chain.Tree.Size ? "not-next" : held.Hold(i.Batch, chain.Tree, i.Answer is null ? Wanted() : null);
        i.Answer?.TrySetResult(refused);
        foreach (var candidate in candidates.Values.Where(c => c.IsValid is null).ToList())
        {
            JudgeAndTell(candidate);
        }
        TryBegin();
        TryPropose();
    }

    // Height begins when there is something to decide: a batch, a peer that has begun, or a heartbeat that is due.
    private void TryBegin(bool isPeerThere = false)
    {
        if (begun > chain.Head.Height || rejoin.IsWaiting
            || !(isPeerThere || held.After(chain.Tree.Root()) is not null || IsHeartbeatDue()))
        {
            return;
        }
        begun = chain.Head.Height + 1;
        Feed(new Input.NewHeight(begun, Set(), ProposerOrder()));
    }

    // A heartbeat needs both clocks: the chain's, which its rule reads, and the time since the block came, so that nobody is early.
    private bool IsHeartbeatDue() => chain.Tree.Size > 0 && clock.GetElapsedTime(headAt) >= Chain.HeartbeatAfter
        && LedgerTime.From(clock.GetUtcNow()) >= chain.Head.Time.PlusMs((long)Chain.HeartbeatAfter.TotalMilliseconds);

    private void TryPropose()
    {
        if (wanted is not var (height, round) || height != chain.Head.Height + 1 || !rejoin.MaySign)
        {
            return;
        }
        var batch = held.After(chain.Tree.Root());
        if (batch is null && !IsHeartbeatDue())
        {
            return;
        }
        var now = LedgerTime.From(clock.GetUtcNow());
        // A host's clock may run ahead by a little: an entry that is later than its block would be rejected, so the block waits.
        if (batch is not null && batch.Batch.LatestTime > now && batch.Batch.LatestTime < now.PlusMs(10_000))
        {
            _ = After(TimeSpan.FromMilliseconds(batch.Batch.LatestTime.UnixMs - now.UnixMs), new NodeInput.ProposeNow(height, round));
            return;
        }
        wanted = null;
        var candidate = chain.Build(batch, now, signer.Kid);
        candidates[candidate.Value] = candidate;
        Feed(new Input.ValueReady(height, round, candidate.Value));
    }

    // The proposer of the last block goes first: a stopped validator then costs one timeout and not one in each turn. Every 64
    // heights the turn passes on, so that nobody keeps it for ever.
    private ImmutableArray<string> ProposerOrder()
    {
        var kids = chain.State.Set.Members.Select(m => m.Kid).ToList();
        var first = Math.Max(0, kids.IndexOf(chain.Head.Proposer)) + (chain.Head.Height % 64 == 0 ? 1 : 0);
        return [.. Enumerable.Range(0, kids.Count).Select(i => kids[(first + i) % kids.Count])];
    }

    private Validators Set() => new(chain.State.Set.Members.Select(m => new Voter(m.Kid, m.Power)));

    private void SetTimer(long height, int round, Step step) => _ = After(timeouts.For(round), new NodeInput.Fired(height, round, step));

    private async Task After(TimeSpan time, NodeInput input)
    {
        await Task.Delay(time, clock, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Post(input);
    }

    private void Report(BlockStoreCorruptException damage)
    {
        damaged[damage.Height] = damage;
        log.LogError("Stored block {Height} is damaged: {What}", damage.Height, damage.What);
    }

    private void Publish()
    {
        var (height, size, state) = (chain.Head.Height, chain.Tree.Size, driver.State);
        var problem = damaged.Count > 0 ? $"stored block {damaged.Keys.First()} is damaged" : "";
        var step = state.Step.ToString();
        if ((Status.Height, Status.Size, Status.Round, Status.Step, Status.IsObserving, Status.Problem) != (height, size, state.Round, step, !rejoin.MaySign, problem))
        {
            Status = new(height, size, state.Round, step, !rejoin.MaySign, problem);
        }
    }
}
