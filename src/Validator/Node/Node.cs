using System.Collections.Immutable;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Consensus;
using EventLedger.Validator.Storage;
using Step = EventLedger.Validator.Consensus.Step;

namespace EventLedger.Validator.Node;

/// <summary>
/// The shell around the consensus core, one input after the other: input → core → write-ahead log, flushed → signatures and messages leave.
/// Whatever a peer can cause is counted or dropped; what only a bug can cause is thrown and ends the node. It has no thread, timer or socket of
/// its own: <see cref="NodeLoop"/> runs it in the process, the simulator runs many on a time of its own.
/// </summary>
public sealed partial class Node
{
    private readonly Queue<Input> own = new();
    private readonly List<Action> outbox = [];
    private readonly Dictionary<Digest, Candidate> candidates = [];
    private readonly HashSet<Digest> logged = [], loggedBatches = [];   // Headers by their hash; batches by the root they make of the one head.
    private readonly HeldBatches held = new();
    private readonly Genesis genesis;
    private readonly Chain chain;
    private readonly IBlockStore store;
    private Signer signer;
    private readonly Timeouts timeouts;
    private readonly IOutside outside;
    private readonly ILogger log;
    private Driver driver;
    private Rejoin rejoin;
    private (long Height, int Round)? wanted;   // The round in which this node is to propose and has not.
    private long begun;                         // The newest height that the core was told to begin.
    private long headAt;                        // When the newest block was sealed here, by the clock's time stamp.

    /// <summary>Makes the node; <see cref="Start"/> sets it going.</summary>
    public Node(Genesis genesis, Signer signer, IBlockStore store, Timeouts timeouts, IOutside outside, ILogger log)
    {
        (this.genesis, this.signer, this.store, this.timeouts, this.outside, this.log) = (genesis, signer, store, timeouts, outside, log);
        chain = new(genesis, store);
        driver = new(signer.Kid, 0);
        rejoin = Rejoin.Begin(signer.Kid, Set(), signer.Guard, 0);
    }

    /// <summary>The newest block, for everybody outside of the loop.</summary>
    public HeadSignal Head { get; } = new();

    /// <summary>Where consensus stands here.</summary>
    public RoundState State => driver.State;

    /// <summary>Hears of each rule of consensus that is about to be applied.</summary>
    public Action<RoundState, RoundInput>? Applied { get; init; }

    /// <summary>How this validator is.</summary>
    public NodeStatus Status { get; private set; } = new(0, 0, 0, "New", IsObserving: false, "");

    /// <summary>Folds the stored blocks and the write-ahead log in; what the log shows was about to happen happens.</summary>
    public void Start()
    {
        if (chain.Replay() is { } damage)
        {
            Report(damage);
        }
        headAt = outside.Clock.GetTimestamp();
        Become(signer);
        FollowSet();
        Head.Set(chain.Head, null, chain.State.Registry);
        ReplayLog();
        Publish();
    }

    /// <summary>Takes one input and does all that follows from it.</summary>
    public void Handle(NodeInput input)
    {
        Take(input);
        Drain();
        Publish();
    }

    private void Take(NodeInput input)
    {
        switch (input)
        {
            case NodeInput.Said i: Hear(i.Peer, i.Message); break;
            case NodeInput.Opened i: Greet(i.Peer); break;
            case NodeInput.Came i when IsWaiting: AskForVotes(i.Peer); break;
            case NodeInput.Coming i: coming[i.Root] = ticks; break;
            case NodeInput.Brought i: Bring(i); break;
            case NodeInput.BroughtBlock i: BringBlock(i); break;
            case NodeInput.Done i: TakeDone(i); break;
            case NodeInput.Answered i:
                answering.Remove(i.Peer);
                Report(i.Damage);
                break;
            case NodeInput.Scrubbed i:
                (isScrubbing, scrubbed) = (false, i.Height);
                Report(i.Damage);
                break;
            case NodeInput.Fired i: Fire(i); break;
            case NodeInput.ProposeNow i when wanted == (i.Height, i.Round): TryPropose(); break;
            case NodeInput.Tick: OnTick(); break;
            case NodeInput.Ask i: i.Look(chain); break;
            case NodeInput.Damaged i: Report(i.Damage); break;
            default: break;
        }
    }

    private void TakeDone(NodeInput.Done i)
    {
        reading.Remove(i.Peer);
        if (i.Result is not null)
        {
            Take(i.Result);
        }
    }

    // While peers have not yet told what this key has signed, nothing may be signed, so no timer may be lost to a vote that cannot be cast.
    private void Fire(NodeInput.Fired i)
    {
        if (IsWaiting)
        {
            SetTimer(i.Height, i.Round, i.Step);
            return;
        }
        Feed(new Input.Timeout(i.Height, i.Round, i.Step));
    }

    private void Bring(NodeInput.Brought i)
    {
        coming.Remove(i.Promise.Root);
        var refused = i.Batch.Last <= chain.Tree.Size ? "not-next" : held.Hold(i.Batch, i.Promise, chain.Tree, i.Answer is null ? Wanted() : null);
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
        if (begun > chain.Head.Height || IsWaiting
            || !(isPeerThere || Next() is not null || IsHeartbeatDue()))
        {
            return;
        }
        begun = chain.Head.Height + 1;
        Feed(new Input.NewHeight(begun, Set(), ProposerOrder()));
    }

    // A heartbeat needs both clocks: the chain's, which its rule reads, and the time since the block came, so that nobody is early.
    private bool IsHeartbeatDue() => chain.Tree.Size > 0 && chain.Parameters.HeartbeatSeconds is var after
        && outside.Clock.GetElapsedTime(headAt) >= TimeSpan.FromSeconds(after) && LedgerTime.From(outside.Clock.GetUtcNow()) >= chain.Head.Time.PlusMs(1000L * after);

    // A batch that was cut before the limit came down is sealed by nobody; its host cuts it anew.
    private HeldBatch? Next() => held.After(chain.Tree.Root(), chain.Parameters.BlockEntriesMax);

    private void TryPropose()
    {
        if (wanted is not var (height, round) || height != chain.Head.Height + 1 || !MaySign)
        {
            return;
        }
        var batch = Next();
        if (batch is null && !IsHeartbeatDue())
        {
            return;
        }
        var now = LedgerTime.From(outside.Clock.GetUtcNow());
        // A host's clock may run ahead by a little: an entry that is later than its block would be rejected, so the block waits.
        if (batch is not null && batch.Batch.LatestTime > now && batch.Batch.LatestTime < now.PlusMs(10_000))
        {
            outside.After(TimeSpan.FromMilliseconds(batch.Batch.LatestTime.UnixMs - now.UnixMs), new NodeInput.ProposeNow(height, round));
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

    private void SetTimer(long height, int round, Step step) => outside.After(Timeouts().For(round, step), new NodeInput.Fired(height, round, step));

    // How long to wait is no rule that a block is held to: a validator that uses another time-out is only slower or less patient.
    private Timeouts Timeouts() => chain.Parameters.RoundTimeoutMs is > 0 and var ms ? timeouts with { Base = TimeSpan.FromMilliseconds(ms) } : timeouts;

    private void Report(BlockStoreCorruptException? damage)
    {
        if (damage is not null)
        {
            damaged[damage.Height] = damage;
            log.LogError("Stored block {Height} is damaged: {What}", damage.Height, damage.What);
        }
    }

    private void Publish()
    {
        var (height, size, state) = (chain.Head.Height, chain.Tree.Size, driver.State);
        var problem = damaged.Count > 0 ? $"stored block {damaged.Keys.First()} is damaged" : "";
        var step = state.Step.ToString();
        if ((Status.Height, Status.Size, Status.Round, Status.Step, Status.IsObserving, Status.Problem) != (height, size, state.Round, step, IsObserving, problem))
        {
            Status = new(height, size, state.Round, step, IsObserving, problem);
        }
    }
}
