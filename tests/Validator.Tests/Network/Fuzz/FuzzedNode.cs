using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Network;
using EventLedger.Validator.Network.Wire;
using EventLedger.Validator.Node;
using EventLedger.Validator.Storage;
using EventLedger.Validator.Tests.Simulation;
using Microsoft.Extensions.Logging.Abstractions;
using Kind = EventLedger.Validator.Network.Wire.PeerMessage.BodyOneofCase;

namespace EventLedger.Validator.Tests.Network.Fuzz;

/// <summary>
/// A real node whose disk, clock, timers and peers are the test's. Nothing runs beside it, so that what a seed leads to can be seen again, and every
/// signature is good, so that what peers say gets as far as it can.
/// </summary>
internal sealed class FuzzedNode : IOutside
{
    private const int TimersMax = 256, WalBytesMax = 16 << 10;
    private readonly Queue<NodeInput> results = new();
    private readonly List<NodeInput> timers = [];
    private readonly SimDisk disk = new(() => { });
    private readonly Genesis genesis;
    private readonly FuzzTally tally;
    private readonly SimClock clock;
    private long nowUs;
    private int mended;

    public FuzzedNode(Genesis genesis, FuzzTally tally)
    {
        (this.genesis, this.tally, Self) = (genesis, tally, genesis.Set.Members[0].Kid);
        clock = new(() => nowUs);
        Store = new(() => { }, block => Sealed[block.Height] = block);
        VoteLog.WriteFirst(disk);
        Start();
    }

    public string Self { get; }

    public Validator.Node.Node Node { get; private set; } = null!;

    public Chain Chain { get; private set; } = null!;

    public SimStore Store { get; }

    /// <summary>The blocks as they were written, whatever became of them since.</summary>
    public Dictionary<long, StoredBlock> Sealed { get; } = [];

    /// <summary>The last block that it has asked for, and whom; null when that was answered.</summary>
    public (string Peer, long Height)? Asked { get; set; }

    /// <summary>Its own last proposal.</summary>
    public SignedProposal? Proposed { get; private set; }

    /// <summary>Bytes that it keeps in memory, beside its chain and what stands for its disk.</summary>
    public long HeldBytes => Reach.BytesOf(Node, isLeftOut: o => o is FuzzedNode or Validator.Node.Chain or Genesis or IBlockStore or IDisk or IDiskFile);

    public LedgerTime Now => LedgerTime.From(clock.GetUtcNow());

    public TimeProvider Clock => clock;

    /// <summary>The process ends and comes back with what its disk and its store hold.</summary>
    public void Restart()
    {
        tally.Restarts++;
        Start();
    }

    /// <summary>A stored block rots.</summary>
    public void Harm(ulong seed)
    {
        var dice = new Simulation.Dice(seed);
        Store.Harm(dice.Between(1, Store.Height), dice);
    }

    /// <summary>Takes one input, and what it led to beside the loop.</summary>
    public void Handle(NodeInput input)
    {
        var height = Node.Head.Height;
        Node.Handle(input);
        while (results.TryDequeue(out var result))
        {
            Node.Handle(result);
        }
        var taken = Node.Head.Height - height;
        tally.Blocks += taken;
        tally.Fetched += input is NodeInput.Said { Message.BodyCase: Kind.Block } ? taken : 0;
        tally.Mended += Math.Max(0, Node.Mended.Count - mended);
        mended = Node.Mended.Count;
    }

    /// <summary>So much time passes, and the node is told.</summary>
    public void Tick(TimeSpan time)
    {
        nowUs += (long)time.TotalMicroseconds;
        Handle(new NodeInput.Tick());
    }

    /// <summary>One of its timers fires, if any runs.</summary>
    public void Fire(int which)
    {
        if (timers.Count > 0)
        {
            var timer = timers[which % timers.Count];
            timers.RemoveAt(which % timers.Count);
            Handle(timer);
        }
    }

    public void After(TimeSpan time, NodeInput input)
    {
        if (timers.Count == TimersMax)
        {
            timers.RemoveAt(0);
        }
        timers.Add(input);
    }

    public void Offload(Func<Task<NodeInput?>> work)
    {
        if (work().GetAwaiter().GetResult() is { } result)
        {
            tally.Batches += result is NodeInput.Done { Result: not null } ? 1 : 0;
            results.Enqueue(result);
        }
    }

    public Task<CheckedBatch?> Read(IReadOnlyList<ReadOnlyMemory<byte>> entries, IReadOnlyList<ReadOnlyMemory<byte>> sidecars) =>
        Task.FromResult(CheckedBatch.IsWithinLimits(entries, sidecars) ? CheckedBatch.TryRead(entries, sidecars, Node.Head.Registry ?? Registry.From(genesis)) : null);

    public void Send(string kid, PeerMessage message)
    {
        if (message.BodyCase == Kind.BlockRequest)
        {
            Asked = (kid, message.BlockRequest.From);
        }
    }

    public bool HasBlock(string kid) => false;

    public void Broadcast(PeerMessage message)
    {
        tally.Votes += message.BodyCase == Kind.Vote ? 1 : 0;
        tally.VotesForBlocks += message.BodyCase == Kind.Vote && !message.Vote.Value.IsEmpty ? 1 : 0;
        if (message.BodyCase == Kind.Proposal)
        {
            tally.Proposals++;
            Proposed = message.Proposal;
        }
    }

    public void Blame(string kid, PeerFault fault) => tally.Blames++;

    private void Start()
    {
        timers.Clear();
        results.Clear();
        mended = 0;
        var signer = new Signer(genesis.Chain, new Yes(Self), disk, VoteLog.TryOpen(disk, WalBytesMax));
        Node = new(genesis, signer, Store, ValidatorServer.Timeouts, this, NullLogger.Instance);
        Node.Misbehaved += _ => tally.Evidence++;
        Node.Start();
        Handle(new NodeInput.Ask(chain => Chain = chain));
    }

    private sealed class Yes(string kid) : ISignatures
    {
        public string Kid => kid;

        public byte[] Sign(byte[] message) => [.. Digest.Of(message).ToArray(), .. Digest.Of(kid).ToArray()];

        public bool Verify(Member from, byte[] message, byte[] signature) => true;

        public bool Verify(Jwk host, byte[] message, byte[] signature) => true;
    }
}

/// <summary>How far the messages got.</summary>
internal sealed class FuzzTally
{
    public long Mutants, Refused, Votes, VotesForBlocks, Proposals, Batches, Blocks, Fetched, Mended, Evidence, Blames, Restarts, Stops;

    public override string ToString() => $"""
        {Mutants} mutated messages, beside {Refused} refused by frame or parser; {Blames} blamed by the node, {Evidence} times evidence
        {Votes} votes and {Proposals} proposals of the node, {VotesForBlocks} votes for a block; {Batches} batches or blocks read, {Blocks} blocks taken, {Fetched} of them answers
        {Mended} blocks mended, {Restarts} restarts, {Stops} stops because a made-up quorum sealed what the rules reject
        """;
}
