using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Network;
using EventLedger.Validator.Node;
using EventLedger.Validator.Storage;
using EventLedger.Validator.Tests.Storage;
using EventLedger.Wire;
using Google.Protobuf;
using Proposal = EventLedger.Validator.Consensus.Proposal;

namespace EventLedger.Validator.Tests.Node;

/// <summary>One validator that proposes entries of its own making, in places that the host has given receipts for.</summary>
public sealed class JunkBatchTests : IAsyncDisposable
{
    private readonly TestNetwork net = new(4);
    private readonly TempDirectory directory = new();
    private readonly BlockStore store;
    private readonly Chain chain;

    public JunkBatchTests()
    {
        store = new(directory.File("blocks.db"));
        chain = new(net.Genesis, store);
    }

    public async ValueTask DisposeAsync()
    {
        store.Dispose();
        directory.Dispose();
        await net.DisposeAsync();
    }

    [Fact]
    public async Task Entries_that_no_host_has_promised_are_not_sealed_and_the_hosts_are()
    {
        // Its turn is the first round of the first height.
        var kid = net.Genesis.Set.Members[1].Kid;
        var traitor = Enumerable.Range(0, 4).Single(i => net.Genesis.Validators[i].Member.Kid == kid);
        int[] honest = [.. Enumerable.Range(0, 4).Where(i => i != traitor)];
        await net.Start(honest);
        await Task.WhenAll(honest.Select(i => net.Until(i, s => !s.IsObserving)));
        using var open = new CountdownEvent(3);
        await using var streams = net.PeersOf(traitor, honest, _ => open.Signal());
        open.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken).ShouldBeTrue();

        var junk = net.Entries(0, 3).Select(e => e.Seq == 1 ? e : e with { Actor = "traitor" }).ToList();
        var content = HeldBatch.On(chain.Tree, Read(junk));
        var header = chain.Build(content, LedgerTime.From(DateTimeOffset.UtcNow), kid).Header;
        var signature = net.KeyOf(kid).Sign(Commit.ProposalBytes(net.Genesis.Chain, 1, 0, -1, header.Hash));
        streams.Broadcast(new() { Proposal = WireForms.Write(new Proposal(1, 0, header.Hash, -1, kid, signature), header.ToBytes()) });
        // They have asked for the batch and voted nil without it. It comes in good time for a later round.
        await Task.WhenAll(honest.Select(i => net.Until(i, s => s.Round > 0 || s.Step is "Prevote" or "Precommit")));
        var forged = net.Promise(1, content.After, net.KeyOf(kid));
        streams.Broadcast(new()
        {
            Batch = new()
            {
                Header = ByteString.CopyFrom(header.ToBytes()), Entries = { junk.Select(e => ByteString.CopyFrom(e.ToBytes())) }, Sidecars = { junk.Select(_ => ByteString.Empty) },
                Kid = net.Genesis.Hosts[0].Receipt.Kid, Signature = ByteString.CopyFrom(forged.Sig.Span),
            },
        });
        await Task.WhenAll(honest.Select(i => Refused(i, kid)));

        var entries = net.Entries(0, 3);
        await net.Submit(entries);
        await Task.WhenAll(honest.Select(i => net.Sealed(i, 3)));
        foreach (var i in honest)
        {
            net[i].Node.Head.Newest!.Entries.Select(e => e.ToArray()).ShouldBe(entries.Select(e => e.ToBytes()));
        }
    }

    [Fact]
    public void A_batch_without_a_promise_is_valid_only_when_a_commit_proves_it()
    {
        var content = HeldBatch.On(chain.Tree, Read(net.Entries(0, 2)));
        var header = chain.Build(content, net.Genesis.Time.PlusMs(100_000), net.Genesis.Set.Members[0].Kid).HeaderBytes;
        bool? Judge(HeldBatch batch, bool isSealed)
        {
            var candidate = chain.Read(header).ShouldNotBeNull();
            candidate.Content = batch;
            chain.Judge(candidate, new(), isSealed);
            return candidate.IsValid;
        }
        Judge(content, isSealed: false).ShouldBeNull();
        Judge(content, isSealed: true).ShouldBe(true);
        Judge(content with { Promise = net.Promise(1, content.After) }, isSealed: false).ShouldBe(true);
    }

    [Fact]
    public void A_promise_of_another_batch_holds_none()
    {
        var (mine, other) = (Read(net.Entries(0, 2)), HeldBatch.On(chain.Tree, Read([net.Genesis.Entry])).After);
        var after = HeldBatch.On(chain.Tree, mine).After;
        new HeldBatches().Hold(mine, net.Promise(1, other), chain.Tree).ShouldBe("not-signed");
        new HeldBatches().Hold(mine, net.Promise(2, after), chain.Tree).ShouldBe("not-signed");
        new HeldBatches().Hold(mine, net.Promise(1, after), chain.Tree).ShouldBeNull();
    }

    // Waits until a validator has read the junk and says that its signature is forged.
    private async Task Refused(int i, string by)
    {
        using var client = net.ClientOf(i);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while ((await TestNetwork.Call(client, "GetHealth", new HealthRequest(), HealthReply.Parser)).Reply!.Standings.FirstOrDefault(s => s.Kid == by) is not { Forged: > 0 })
        {
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }

    private CheckedBatch Read(IReadOnlyList<Entry> entries) =>
        CheckedBatch.TryRead([.. entries.Select(e => (ReadOnlyMemory<byte>)e.ToBytes())], [.. entries.Select(_ => ReadOnlyMemory<byte>.Empty)], chain.State.Registry).ShouldNotBeNull();
}
