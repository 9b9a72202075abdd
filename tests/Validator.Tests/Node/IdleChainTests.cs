using EventLedger.Domain.Ledger;
using EventLedger.Validator.Consensus;
using EventLedger.Validator.Network;
using EventLedger.Validator.Network.Wire;
using EventLedger.Validator.Node;
using EventLedger.Validator.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Step = EventLedger.Validator.Consensus.Step;

namespace EventLedger.Validator.Tests.Node;

public sealed class IdleChainTests : IAsyncDisposable
{
    private readonly TestNetwork net = new(4, age: TimeSpan.FromMinutes(1));

    public ValueTask DisposeAsync() => net.DisposeAsync();

    [Fact]
    public void Who_votes_for_nothing_at_all_makes_nobody_patient_and_rounds_with_something_to_decide_grow()
    {
        var self = net.Genesis.Set.Members[0].Kid;
        var directory = net.DirectoryOf(Enumerable.Range(0, 4).Single(i => net.Genesis.Validators[i].Member.Kid == self));
        using var store = new BlockStore(Path.Combine(directory, "blocks.db"));
        using var signer = new Signer(net.Genesis.Chain, net.KeyOf(self), directory, VoteLog.TryOpen(directory));
        var outside = new Timers();
        var node = new Validator.Node.Node(net.Genesis, signer, store, ValidatorServer.Timeouts, outside, NullLogger.Instance);
        node.Start();
        var peers = net.Genesis.Set.Members.Select(m => m.Kid).Where(kid => kid != self).ToList();
        peers.ForEach(peer => node.Handle(new NodeInput.Said(peer, new() { Votes = new() { Kid = self } })));

        for (var round = 0; round < 30; round++)
        {
            foreach (var peer in peers[..2])
            {
                node.Handle(new NodeInput.Said(peer, Vote(peer, round)));
            }
        }
        node.State.Round.ShouldBe(29);
        outside.Waited.ShouldNotBeEmpty();
        outside.Waited.ShouldAllBe(t => t.Time == TimeSpan.FromSeconds(t.Timer.Step == Step.Propose ? 1 : 0.5));

        var entries = net.Entries(0, 2);
        var batch = CheckedBatch.TryRead([.. entries.Select(e => (ReadOnlyMemory<byte>)e.ToBytes())], [.. entries.Select(_ => ReadOnlyMemory<byte>.Empty)], new Chain(net.Genesis, store).State.Registry);
        var after = new MerkleFrontier();
        foreach (var entry in entries)
        {
            after.Append(Entry.LeafHash(entry.ToBytes()));
        }
        node.Handle(new NodeInput.Brought(batch.ShouldNotBeNull(), net.Promise(1, after), new()));
        outside.Waited.Clear();
        foreach (var peer in peers[..2])
        {
            node.Handle(new NodeInput.Said(peer, Vote(peer, 30)));
        }
        foreach (var peer in peers[..2])
        {
            node.Handle(new NodeInput.Said(peer, Vote(peer, 33)));
        }
        outside.Waited.Where(t => t.Timer.Step == Step.Propose).Select(t => (t.Timer.Round, t.Time.TotalSeconds)).ShouldBe([(30, 1), (33, 2.5)]);
    }

    private PeerMessage Vote(string from, int round)
    {
        var bytes = Commit.VoteBytes(net.Genesis.Chain, 1, round, "prevote", null);
        return new() { Vote = WireForms.Write(new Vote(1, round, Step.Prevote, null, from, net.KeyOf(from).Sign(bytes))) };
    }

    // Nothing fires and nobody hears: what is asked of the clock is all that is looked at.
    private sealed class Timers : IOutside
    {
        public List<(NodeInput.Fired Timer, TimeSpan Time)> Waited { get; } = [];

        public TimeProvider Clock => TimeProvider.System;

        public void After(TimeSpan time, NodeInput input)
        {
            if (input is NodeInput.Fired timer)
            {
                Waited.Add((timer, time));
            }
        }

        public void Offload(Func<Task<NodeInput?>> work) { }

        public Task<CheckedBatch?> Read(IReadOnlyList<ReadOnlyMemory<byte>> entries, IReadOnlyList<ReadOnlyMemory<byte>> sidecars) => Task.FromResult<CheckedBatch?>(null);

        public void Send(string kid, PeerMessage message) { }

        public bool HasBlock(string kid) => false;

        public void Broadcast(PeerMessage message) { }

        public void Blame(string kid, PeerFault fault) { }
    }
}
