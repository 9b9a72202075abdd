using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Consensus;
using EventLedger.Validator.Network;
using EventLedger.Validator.Network.Wire;
using EventLedger.Validator.Node;
using EventLedger.Validator.Storage;
using EventLedger.Validator.Tests.Storage;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Step = EventLedger.Validator.Consensus.Step;

namespace EventLedger.Validator.Tests.Node;

/// <summary>
/// One validator whose three peers are played by the test, which holds their keys: they say what honest ones never would. Its timers
/// never fire, so only what is said moves it.
/// </summary>
public sealed class LoneNode : IAsyncDisposable
{
    private readonly TempDirectory scratch = new();
    private readonly TestNetwork net;
    private readonly string directory;
    private readonly BlockStore store, twin;
    private readonly Signer signer;
    private bool isStopped;

    public LoneNode(TestNetwork net)
    {
        this.net = net;
        Self = net.Genesis.Set.Members[0].Kid;
        directory = net.DirectoryOf(Enumerable.Range(0, 4).Single(i => net.Genesis.Validators[i].Member.Kid == Self));
        store = new(Path.Combine(directory, "blocks.db"));
        twin = new(scratch.File("twin.db"));
        Chain = new(net.Genesis, twin);
        signer = OpenSigner();
        Node = new(net.Genesis, signer, store, new(TimeSpan.FromHours(1), TimeSpan.Zero, TimeSpan.FromHours(1)), TimeProvider.System, NullLogger.Instance);
    }

    public NodeLoop Node { get; }

    /// <summary>What an honest peer would build on.</summary>
    public Chain Chain { get; }

    public string Self { get; }

    /// <summary>Kid of the proposer of a round of height 1; the node's own turn is round 3.</summary>
    public string ProposerOf(int round) => net.Genesis.Set.Members[(round + 1) % 4].Kid;

    /// <summary>Starts the node; its peers answer that its key has signed nothing.</summary>
    public async Task<LoneNode> Start()
    {
        Node.Start(opened => new Peers([], net.Host, opened));
        foreach (var peer in new[] { ProposerOf(0), ProposerOf(1), ProposerOf(2) })
        {
            await Said(peer, new PeerMessage { Votes = new() { Kid = Self } });
        }
        return this;
    }

    /// <summary>What an honest peer builds on goes on by blocks that were sealed elsewhere.</summary>
    public void Follow(params StoredBlock[] blocks)
    {
        foreach (var block in blocks)
        {
            twin.Write(block, effects: null);
        }
        Chain.Replay().ShouldBeNull();
    }

    /// <summary>A peer says something; returns when the node has heard it.</summary>
    public async Task Said(string peer, params PeerMessage[] messages)
    {
        foreach (var message in messages)
        {
            await Node.Post(new NodeInput.Said(peer, message));
        }
        await Settled();
    }

    public PeerMessage Vote(string from, int round, Step step, Digest? value, long height = 1)
    {
        var bytes = Commit.VoteBytes(net.Genesis.Chain, height, round, step == Step.Precommit ? "precommit" : "prevote", value);
        return new() { Vote = WireForms.Write(new Vote(height, round, step, value, from, net.KeyOf(from).Sign(bytes))) };
    }

    public static PeerMessage Forged(string from, int round, Step step, Digest? value) =>
        new() { Vote = WireForms.Write(new Vote(1, round, step, value, from, new byte[64])) };

    public PeerMessage Proposal(string from, int round, BlockHeader header, int validRound = -1)
    {
        // A header that was changed by "with" still carries the hash of the one it came from.
        var bytes = header.ToBytes();
        var value = Digest.Of(bytes);
        var signature = net.KeyOf(from).Sign(Commit.ProposalBytes(net.Genesis.Chain, header.Height, round, validRound, value));
        return new() { Proposal = WireForms.Write(new Proposal(header.Height, round, value, validRound, from, signature), bytes) };
    }

    /// <summary>The header of the first block over these entries.</summary>
    public BlockHeader Header(IReadOnlyList<Entry> entries, LedgerTime time, int round = 0)
    {
        var held = new HeldBatches();
        held.Hold(Read(entries), Promise(entries), Chain.Tree).ShouldBeNull();
        return Chain.Build(held.After(Chain.Tree.Root()), time, ProposerOf(round)).Header;
    }

    /// <summary>A batch as a peer sends it, under the host's promise.</summary>
    public PeerMessage Batch(IReadOnlyList<Entry> entries)
    {
        var promise = Promise(entries);
        return new()
        {
            Batch = new()
            {
                Entries = { entries.Select(e => ByteString.CopyFrom(e.ToBytes())) }, Sidecars = { entries.Select(_ => ByteString.Empty) },
                Kid = promise.Kid, Signature = ByteString.CopyFrom(promise.Sig.Span),
            },
        };
    }

    // What the host signs of the first entries.
    private BatchPromise Promise(IReadOnlyList<Entry> entries)
    {
        var after = new MerkleFrontier();
        foreach (var entry in entries)
        {
            after.Append(Entry.LeafHash(entry.ToBytes()));
        }
        return net.Promise(1, after);
    }

    /// <summary>A host hands a batch over.</summary>
    public Task<string?> Submit(IReadOnlyList<Entry> entries) =>
        Node.Submit([.. entries.Select(e => (ReadOnlyMemory<byte>)e.ToBytes())], [.. entries.Select(_ => ReadOnlyMemory<byte>.Empty)], Promise(entries), TestContext.Current.CancellationToken);

    /// <summary>Waits until the node says of itself what is expected; fails after ten seconds, or when it has stopped.</summary>
    public async Task Until(Func<NodeStatus, bool> expected)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!expected(Node.Status))
        {
            Node.Running.IsFaulted.ShouldBeFalse(Node.Running.Exception?.ToString());
            limit.IsCancellationRequested.ShouldBeFalse(Node.Status.ToString());
            await Settled();
        }
    }

    /// <summary>Stops the node and reads from its log what it has signed.</summary>
    public async Task<IReadOnlyList<SignGuard>> Signed() => [.. (await Logged()).Where(r => r.BodyCase == WalRecord.BodyOneofCase.Intent).Select(r => WalForms.Read(r.Intent))];

    /// <summary>Stops the node and reads its log.</summary>
    public async Task<IReadOnlyList<WalRecord>> Logged()
    {
        await Stop();
        using var log = OpenSigner();
        return [.. log.Logged()];
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        twin.Dispose();
        scratch.Dispose();
    }

    // A loop that has ended answers nothing.
    private Task<bool> Settled() => Node.Ask(_ => true, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(10));

    private CheckedBatch Read(IReadOnlyList<Entry> entries) =>
        CheckedBatch.TryRead([.. entries.Select(e => (ReadOnlyMemory<byte>)e.ToBytes())], [.. entries.Select(_ => ReadOnlyMemory<byte>.Empty)], Chain.State.Registry).ShouldNotBeNull();

    private Signer OpenSigner() => new(net.Genesis.Chain, net.KeyOf(Self), directory, VoteLog.TryOpen(directory));

    private async Task Stop()
    {
        if (!isStopped)
        {
            isStopped = true;
            await Node.DisposeAsync();
            signer.Dispose();
            store.Dispose();
        }
    }
}
