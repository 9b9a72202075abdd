using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Network.Wire;
using EventLedger.Validator.Node;
using EventLedger.Validator.Storage;
using Google.Protobuf;
using Step = EventLedger.Validator.Consensus.Step;

namespace EventLedger.Validator.Tests.Node;

public sealed class HostilePeerTests : IAsyncDisposable
{
    private readonly TestNetwork net = new(4, age: TimeSpan.FromMinutes(1));
    private readonly LoneNode lone;

    public HostilePeerTests() => lone = new(net);

    private string A => lone.ProposerOf(0);

    private string B => lone.ProposerOf(1);

    private string C => lone.ProposerOf(2);

    public async ValueTask DisposeAsync()
    {
        await lone.DisposeAsync();
        await net.DisposeAsync();
    }

    [Fact]
    public async Task A_peer_that_answers_a_repair_with_junk_is_ignored_and_another_one_is_heard()
    {
        await lone.Start();
        var entries = net.Entries(0, 2);
        await lone.Submit(entries);
        await Decide(lone.Header(entries, Now));
        var block = lone.Node.Head.Newest.ShouldNotBeNull();
        await lone.Node.Post(new NodeInput.Damaged(new BlockStoreCorruptException(1, "a test says so") { Found = block }));
        await lone.Until(s => s.Problem.Length > 0);
        foreach (var junk in new[] { "", "{", "7", "[[1]]", "[[\"x\",1]]" })
        {
            await lone.Said(B, new PeerMessage { Block = Reply(block, ByteString.CopyFromUtf8(junk)) });
        }
        lone.Node.Status.Problem.ShouldNotBeEmpty();
        // It answers when it is asked: once for each request.
        await Until(() => lone.Node.Mended.Count == 1, () => lone.Said(C, new PeerMessage { Block = Reply(block, ByteString.CopyFrom(block.Rejected.Span)) }));
        lone.Node.Status.Problem.ShouldBeEmpty();
    }

    private static LedgerTime Now => LedgerTime.From(DateTimeOffset.UtcNow);

    private static BlockReply Reply(StoredBlock block, ByteString rejected) => new()
    {
        Height = block.Height, Header = ByteString.CopyFrom(block.Header.Span), Commit = ByteString.CopyFrom(block.Commit.Span), Rejected = rejected,
        Entries = { block.Entries.Select(e => ByteString.CopyFrom(e.Span)) }, Sidecars = { block.Sidecars.Select(e => ByteString.CopyFrom(e.Span)) },
    };

    private static async Task Until(Func<bool> done, Func<Task> step)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while (!done())
        {
            limit.Token.ThrowIfCancellationRequested();
            await step();
        }
    }

    // The proposer of round 0 and one more; with the node itself that is a quorum, and without one of them it is none.
    private async Task Decide(BlockHeader header)
    {
        await lone.Said(A, lone.Proposal(A, 0, header));
        foreach (var step in new[] { Step.Prevote, Step.Precommit })
        {
            await lone.Said(A, lone.Vote(A, 0, step, header.Hash));
            await lone.Said(B, lone.Vote(B, 0, step, header.Hash));
        }
        await lone.Until(s => s.Height == 1);
    }
}
