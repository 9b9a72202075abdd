using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Consensus;
using EventLedger.Validator.Network;
using EventLedger.Validator.Network.Wire;
using EventLedger.Validator.Storage;
using Google.Protobuf;
using Microsoft.Data.Sqlite;
using Step = EventLedger.Validator.Consensus.Step;

namespace EventLedger.Validator.Tests.Node;

public sealed class RejoinTests
{
    // Each round brings a new header for the same batch. The batch is large, and a height may have many rounds.
    [Fact]
    public async Task A_batch_stands_in_the_log_once_however_many_headers_it_gets_and_each_of_them_is_known_after_a_restart()
    {
        await using var net = new TestNetwork(4, age: TimeSpan.FromMinutes(1));
        var entries = net.Entries(0, 50);
        var headers = new List<BlockHeader>();
        await using (var before = new LoneNode(net))
        {
            await before.Start();
            await before.Submit(entries);
            foreach (var round in Enumerable.Range(0, 40).Where(r => r % 4 != 3))
            {
                var proposer = before.ProposerOf(round % 4);
                headers.Add(before.Header(entries, LedgerTime.From(DateTimeOffset.UtcNow), round % 4));
                foreach (var peer in new[] { before.ProposerOf(0), before.ProposerOf(1) })
                {
                    await before.Said(peer, before.Vote(peer, round, Step.Prevote, null));
                }
                await before.Said(proposer, before.Proposal(proposer, round, headers[^1]));
            }
            var contents = (await before.Logged()).Where(r => r.BodyCase == WalRecord.BodyOneofCase.Content).Select(r => r.Content.Entries.Count).ToList();
            contents.Count.ShouldBe(headers.Count);
            contents.Order().ShouldBe([.. Enumerable.Repeat(0, headers.Count - 1), entries.Count]);
        }

        await using var lone = new LoneNode(net);
        await lone.Start();
        foreach (var peer in new[] { lone.ProposerOf(0), lone.ProposerOf(1), lone.ProposerOf(2) })
        {
            await lone.Said(peer, lone.Vote(peer, 36, Step.Precommit, headers[27].Hash));
        }
        await lone.Until(s => s.Height == 1);
    }

    // The header lies ahead of its clock, so it prevotes nil, and only who votes for a value has its batch in the log.
    [Fact]
    public async Task After_a_restart_nobody_locks_a_value_before_its_batch_is_there_again()
    {
        await using var net = new TestNetwork(4, age: TimeSpan.FromMinutes(1));
        var entries = net.Entries(0, 3);
        BlockHeader header;
        string proposer;
        await using (var before = new LoneNode(net))
        {
            (header, proposer) = (before.Header(entries, LedgerTime.From(DateTimeOffset.UtcNow.AddSeconds(60))), before.ProposerOf(0));
            await before.Start();
            await before.Said(proposer, before.Proposal(proposer, 0, header));
            await before.Submit(entries);
            (await before.Signed()).ShouldBe([new SignGuard(1, 0, Step.Prevote, null)]);
        }

        await using var lone = new LoneNode(net);
        await lone.Start();
        foreach (var peer in new[] { lone.ProposerOf(0), lone.ProposerOf(1), lone.ProposerOf(2) })
        {
            await lone.Said(peer, lone.Vote(peer, 0, Step.Prevote, header.Hash));
        }
        await lone.Said(proposer, lone.Proposal(proposer, 0, header), lone.Batch(entries));
        await lone.Until(s => s.Step == nameof(Step.Precommit));
        var log = await lone.Logged();
        log.Where(r => r.BodyCase == WalRecord.BodyOneofCase.Intent).Select(r => WalForms.Read(r.Intent)).Last().ShouldBe(new(1, 0, Step.Precommit, header.Hash));
        log.Count(r => r.BodyCase == WalRecord.BodyOneofCase.Content).ShouldBe(1, "what it is locked on it must be able to propose");
    }

    // The value that it prevoted nil for, since that came with an old time, is not in the log, and no timer ran out: the log alone would leave it before its
    // prevote, where no polka locks.
    [Fact]
    public async Task A_lock_after_a_nil_prevote_that_no_timer_caused_is_there_after_a_restart()
    {
        await using var net = new TestNetwork(4, age: TimeSpan.FromMinutes(1));
        var entries = net.Entries(0, 2);
        Digest value;
        await using (var before = new LoneNode(net))
        {
            var (a, b, c) = (before.ProposerOf(0), before.ProposerOf(1), before.ProposerOf(2));
            await before.Start();
            await before.Submit(entries);
            var (old, header) = (before.Header(entries, entries[1].Time.PlusMs(-9000), round: 1), before.Header(entries, LedgerTime.From(DateTimeOffset.UtcNow)));
            value = header.Hash;
            await before.Said(a, before.Vote(a, 1, Step.Precommit, null));
            await before.Said(c, before.Vote(c, 1, Step.Precommit, null));
            await before.Said(b, before.Proposal(b, 1, old), before.Proposal(b, 1, header, validRound: 0));
            foreach (var peer in new[] { a, b, c })
            {
                await before.Said(peer, before.Vote(peer, 1, Step.Prevote, value));
            }
        }

        await using var lone = new LoneNode(net);
        await lone.Start();
        foreach (var peer in new[] { lone.ProposerOf(0), lone.ProposerOf(1) })
        {
            await lone.Said(peer, lone.Vote(peer, 2, Step.Precommit, null));
        }
        var proposer = lone.ProposerOf(2);
        await lone.Said(proposer, lone.Proposal(proposer, 2, lone.Header(entries, LedgerTime.From(DateTimeOffset.UtcNow), round: 2)));
        (await lone.Signed()).ShouldBe([new SignGuard(1, 1, Step.Prevote, null), new SignGuard(1, 1, Step.Precommit, value), new SignGuard(1, 2, Step.Prevote, null)]);
    }

    // Its log is gone and so is its first block; the second, which still is whole, ends the time in which it only looks on.
    [Fact]
    public async Task Who_finds_the_last_block_it_had_to_wait_for_in_its_own_store_signs_the_next_height()
    {
        await using var net = new TestNetwork(4);
        var self = Enumerable.Range(0, 4).Single(i => net.Genesis.Validators[i].Member.Kid == net.Genesis.Set.Members[0].Kid);
        var (first, second) = await SealTwo(net, self);
        var directory = net.DirectoryOf(self);
        File.Delete(Path.Combine(directory, "wal"));
        await Damage(Path.Combine(directory, "blocks.db"), height: 1);

        await using var lone = new LoneNode(net);
        await lone.Start();
        lone.Node.Status.Height.ShouldBe(0);
        var peer = lone.ProposerOf(0);
        await lone.Said(peer, new PeerMessage { Hello = new() { Height = 2 } }, new PeerMessage { Block = Body(first) });
        await lone.Until(s => s.Height == 2);
        // A header that does not follow the second block, so that it prevotes nil at once.
        BlockHeader.TryParse(second.Header, out var header).ShouldBeTrue();
        await lone.Said(header!.Proposer, lone.Proposal(header.Proposer, 0, header with { Height = 3 }));
        lone.Node.Status.IsObserving.ShouldBeFalse();
        (await lone.Signed()).ShouldBe([new SignGuard(3, 0, Step.Prevote, null)]);
    }

    // The block before it is damaged, so the log that shows its lock waits for that block; meanwhile peers are in a later round, its own turn. It takes
    // that turn with the value that it is locked on, as a validator that never stopped, and not with nothing or a new one.
    [Fact]
    public async Task What_peers_say_of_a_height_before_its_turn_makes_nobody_forget_the_lock_in_the_log()
    {
        await using var net = new TestNetwork(4);
        var self = Enumerable.Range(0, 4).Single(i => net.Genesis.Validators[i].Member.Kid == net.Genesis.Set.Members[0].Kid);
        var (first, second) = await SealTwo(net, self);
        var kids = net.Genesis.Set.Members.Select(m => m.Kid).ToList();
        Digest value;
        int turn;
        await using (var before = new LoneNode(net))
        {
            before.Follow(first, second);
            var header = before.Chain.Build(null, before.Chain.Head.Time.PlusMs(1000L * before.Chain.Parameters.HeartbeatSeconds), before.Chain.Head.Proposer).Header;
            (value, turn) = (header.Hash, kids.Count - kids.IndexOf(header.Proposer));
            await before.Start();
            await before.Said(header.Proposer, before.Proposal(header.Proposer, 0, header));
            foreach (var peer in kids.Where(kid => kid != before.Self))
            {
                await before.Said(peer, before.Vote(peer, 0, Step.Prevote, value, height: 3));
            }
        }
        await Damage(Path.Combine(net.DirectoryOf(self), "blocks.db"), height: 2);

        await using var lone = new LoneNode(net);
        await lone.Start();
        lone.Node.Status.Height.ShouldBe(1);
        var (one, other) = (lone.ProposerOf(0), lone.ProposerOf(1));
        async Task AreInItsTurn()
        {
            await lone.Said(one, lone.Vote(one, turn, Step.Prevote, null, height: 3));
            await lone.Said(other, lone.Vote(other, turn, Step.Prevote, null, height: 3));
        }
        await AreInItsTurn();
        await lone.Said(one, new PeerMessage { Hello = new() { Height = 3 } }, new PeerMessage { Block = Body(second) });
        await lone.Until(s => s.Height == 2);
        await AreInItsTurn();
        // It held the value back in round 0, whose time lay ahead, and locked it by the others' prevotes.
        (await lone.Signed()).ShouldBe(
        [
            new SignGuard(3, 0, Step.Prevote, null), new SignGuard(3, 0, Step.Precommit, value),
            new SignGuard(3, turn, Step.Propose, value), new SignGuard(3, turn, Step.Prevote, value),
        ]);
    }

    // The others alone, so that one of them is the proposer; then it gets both blocks from them.
    private static async Task<(StoredBlock First, StoredBlock Second)> SealTwo(TestNetwork net, int self)
    {
        int[] others = [.. Enumerable.Range(0, 4).Where(i => i != self)];
        await net.Start(others);
        for (var height = 1; height <= 2; height++)
        {
            await net.Submit(net.Entries(2 * (height - 1), 2));
            await Task.WhenAll(others.Select(i => net.Sealed(i, 2 * height)));
        }
        await net.Start(self);
        await net.Sealed(self, 4);
        foreach (var i in others.Append(self))
        {
            await net.Stop(i);
        }
        using var store = new BlockStore(Path.Combine(net.DirectoryOf(self), "blocks.db"));
        return (store.Read(1)!, store.Read(2)!);
    }

    private static async Task Damage(string path, long height)
    {
        await using var file = new SqliteConnection($"Data Source={path};Pooling=False");
        await file.OpenAsync(TestContext.Current.CancellationToken);
        await using var damage = file.CreateCommand();
        damage.CommandText = "UPDATE blocks SET header = x'00' WHERE height = $height";
        damage.Parameters.AddWithValue("$height", height);
        (await damage.ExecuteNonQueryAsync(TestContext.Current.CancellationToken)).ShouldBe(1);
    }

    private static BlockReply Body(StoredBlock block) => new()
    {
        Height = block.Height, Header = UnsafeByteOperations.UnsafeWrap(block.Header), Commit = UnsafeByteOperations.UnsafeWrap(block.Commit),
        Rejected = UnsafeByteOperations.UnsafeWrap(block.Rejected), Entries = { block.Entries.Select(e => UnsafeByteOperations.UnsafeWrap(e)) },
        Sidecars = { block.Sidecars.Select(s => UnsafeByteOperations.UnsafeWrap(s)) },
    };
}
