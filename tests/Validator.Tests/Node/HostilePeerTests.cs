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
        var block = await SealOneThatRots();
        await lone.Until(s => s.Problem.Length > 0);
        // Each tick asks one of those who hold it.
        await lone.Said(B, new PeerMessage { Hello = new() { Height = 1 } });
        foreach (var junk in new[] { "", "[[1]]" })
        {
            await lone.Node.Post(new NodeInput.Tick());
            await lone.Said(B, new PeerMessage { Block = Reply(block, ByteString.CopyFromUtf8(junk)) });
        }
        lone.Node.Status.Problem.ShouldNotBeEmpty();
        await lone.Said(C, new PeerMessage { Hello = new() { Height = 1 } });
        await Until(() => lone.Node.Mended.Count == 1, async () =>
        {
            await lone.Node.Post(new NodeInput.Tick());
            await lone.Said(C, new PeerMessage { Block = Reply(block, ByteString.CopyFrom(block.Rejected.Span)) });
        });
        lone.Node.Status.Problem.ShouldBeEmpty();
    }

    [Fact]
    public async Task Junk_in_the_name_of_another_does_not_keep_its_vote_out()
    {
        await lone.Start();
        var entries = net.Entries(0, 2);
        await lone.Submit(entries);
        var header = lone.Header(entries, Now);
        await lone.Said(C, [.. Enumerable.Range(0, 9000).Select(i => LoneNode.Forged(i % 2 == 0 ? A : B, i / 4, i % 4 < 2 ? Step.Prevote : Step.Precommit, i % 3 == 0 ? null : header.Hash))]);
        await lone.Said(C, LoneNode.Forged(A, 0, Step.Prevote, header.Hash), LoneNode.Forged(A, 0, Step.Precommit, header.Hash));
        await Decide(header);
    }

    [Fact]
    public async Task A_peer_that_only_says_that_it_is_ahead_does_not_keep_a_damaged_block_from_being_mended()
    {
        var block = await SealOneThatRots();
        // Only who was behind for a whole tick asks whoever says that it is ahead.
        await lone.Node.Post(new NodeInput.Tick());
        await lone.Said(C, new PeerMessage { Hello = new() { Height = 1000 } });
        await lone.Said(B, new PeerMessage { Hello = new() { Height = 1 } });
        await Until(() => lone.Node.Mended.Count == 1, async () =>
        {
            await lone.Node.Post(new NodeInput.Tick());
            await lone.Said(B, new PeerMessage { Block = Reply(block, ByteString.CopyFrom(block.Rejected.Span)) });
        });
    }

    [Fact]
    public async Task Votes_for_ever_higher_rounds_do_not_fill_the_log_and_the_others_are_heard()
    {
        await lone.Start();
        var entries = net.Entries(0, 2);
        await lone.Submit(entries);
        foreach (var round in Enumerable.Range(10, 3000))
        {
            await lone.Node.Post(new NodeInput.Said(C, lone.Vote(C, round, Step.Prevote, null)));
        }
        await Decide(lone.Header(entries, Now));
        (await lone.Logged()).Count(r => r.BodyCase == WalRecord.BodyOneofCase.Vote).ShouldBeInRange(100, 400);
    }

    [Fact]
    public async Task One_who_proposes_out_of_turn_takes_no_place()
    {
        await lone.Start();
        var entries = net.Entries(0, 2);
        await lone.Submit(entries);
        var header = lone.Header(entries, Now);
        await lone.Said(C, [.. Enumerable.Range(1, 80).Select(i => lone.Proposal(C, 0, header with { Time = header.Time.PlusMs(i) }))]);
        await Decide(header);
    }

    [Fact]
    public async Task However_much_one_proposes_in_its_turn_the_next_one_is_heard()
    {
        await lone.Start();
        var entries = net.Entries(0, 2);
        await lone.Submit(entries);
        var header = lone.Header(entries, Now, round: 1);
        await lone.Said(A, [.. Enumerable.Range(1, 80).Select(i => lone.Proposal(A, i % 10 * 4, header with { Time = header.Time.PlusMs(i) }))]);
        await lone.Said(A, lone.Vote(A, 1, Step.Prevote, header.Hash));
        await lone.Said(B, lone.Vote(B, 1, Step.Prevote, header.Hash));
        await Decide(header, round: 1);
    }

    [Fact]
    public async Task A_value_that_was_voted_for_is_pushed_out_by_nothing_its_proposer_says()
    {
        await lone.Start();
        var entries = net.Entries(0, 2);
        await lone.Submit(entries);
        var header = lone.Header(entries, Now);
        await lone.Said(A, lone.Proposal(A, 0, header));
        await lone.Said(A, [.. Enumerable.Range(1, 8).Select(i => lone.Proposal(A, i * 4, header with { Time = header.Time.PlusMs(i) }))]);
        await Decide(header, round: 0);
    }

    [Theory]
    [InlineData(-9000, true)]
    [InlineData(-9000, false)]
    [InlineData(0, true)]
    [InlineData(0, false)]
    public async Task A_header_older_than_its_entries_gets_no_prevote(int ms, bool isBatchFirst)
    {
        await lone.Start();
        var entries = net.Entries(0, 2);
        var header = lone.Header(entries, entries[1].Time.PlusMs(ms));
        if (isBatchFirst)
        {
            await lone.Submit(entries);
        }
        await lone.Said(A, lone.Proposal(A, 0, header));
        if (!isBatchFirst)
        {
            await lone.Said(A, lone.Batch(entries));
        }
        await lone.Until(s => s.Step == "Prevote");
        (await lone.Signed()).ShouldBe([new(1, 0, Step.Prevote, ms < 0 ? null : header.Hash)]);
    }

    [Fact]
    public async Task Entries_of_tomorrow_do_not_stop_the_chain()
    {
        await lone.Start();
        Entry[] entries = [net.Genesis.Entry, net.Entries(1, 1)[0] with { Time = Now.PlusMs(86_400_000) }];
        await lone.Submit(entries);
        await Decide(lone.Header(entries, Now));
    }

    [Fact]
    public async Task Junk_batches_of_one_peer_do_not_keep_the_wanted_one_out()
    {
        await lone.Start();
        var entries = net.Entries(0, 2);
        var header = lone.Header(entries, Now);
        await lone.Said(A, lone.Proposal(A, 0, header));
        var junk = lone.Batch(net.Entries(0, 1500));
        foreach (var message in Enumerable.Repeat(junk, 40))
        {
            await lone.Node.Post(new NodeInput.Said(C, message));
        }
        await lone.Said(A, lone.Batch(entries));
        await lone.Until(s => s.Step == "Prevote");
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

    private async Task<StoredBlock> SealOneThatRots()
    {
        await lone.Start();
        var entries = net.Entries(0, 2);
        await lone.Submit(entries);
        await Decide(lone.Header(entries, Now));
        var block = lone.Node.Head.Newest.ShouldNotBeNull();
        await lone.Node.Post(new NodeInput.Damaged(new BlockStoreCorruptException(1, "a test says so") { Found = block }));
        return block;
    }

    // Two peers; with the node itself that is a quorum, and without one of them it is none.
    private async Task Decide(BlockHeader header, int round = 0)
    {
        var proposer = lone.ProposerOf(round);
        await lone.Said(proposer, lone.Proposal(proposer, round, header));
        foreach (var step in new[] { Step.Prevote, Step.Precommit })
        {
            await lone.Said(A, lone.Vote(A, round, step, header.Hash));
            await lone.Said(B, lone.Vote(B, round, step, header.Hash));
        }
        await lone.Until(s => s.Height == 1);
    }
}
