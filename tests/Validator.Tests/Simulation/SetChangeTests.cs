using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Consensus;
using EventLedger.Validator.Network;
using Step = EventLedger.Validator.Consensus.Step;

namespace EventLedger.Validator.Tests.Simulation;

public sealed class SetChangeTests
{
    [Fact]
    public void In_calm_weather_validators_join_leave_and_change_their_keys()
    {
        using var run = Calm();
        var seen = run.Tally.Sometimes.Keys;
        seen.Intersect([Checker.Joined, Checker.Left, Checker.Rotated, Checker.OneDown]).ShouldBe([Checker.Joined, Checker.Left, Checker.Rotated], ignoreOrder: true);
    }

    [Theory]
    [InlineData(1, "S4")]
    [InlineData(0, null)]
    public void A_commit_by_the_validators_of_the_height_before_is_none(long earlier, string? expected)
    {
        using var run = Calm();
        var height = Enumerable.Range(2, (int)run.Checker.Height)
            .First(h => run.Checker.SetAt(h - 1).Members.Any(m => run.Checker.SetAt(h).Find(m.Kid) is null));
        var node = run.Nodes[0];
        var block = node.Store.Read(height).ShouldNotBeNull();
        Commit.TryParse(block.Commit, out var commit).ShouldBeTrue();
        var signed = Commit.VoteBytes(run.Keys.Genesis.Chain, height, commit!.Round, "precommit", commit.Block);
        run.Checker.Stored(node, block with
        {
            Commit = (commit with
            {
                Signatures = [.. run.Checker.SetAt(height - earlier).Members.Select(m => new KidSignature(m.Kid, B64.Encode(run.SignaturesBy(m.Kid).Sign(signed))))],
            }).ToBytes(),
        });
        (run.Checker.Violation?[..2]).ShouldBe(expected, run.Checker.Violation);
    }

    [Fact]
    public void A_vote_by_a_key_that_has_no_vote_at_its_height_is_seen()
    {
        using var run = new Simulation(2, p => p.Calmed() with { ChangesSet = true });
        var spare = run.Nodes[^1];
        run.Checker.Said(spare, new() { Vote = WireForms.Write(new Vote(1, 0, Step.Prevote, null, spare.Kid, new byte[64])) });
        run.Checker.Violation.ShouldNotBeNull().ShouldStartWith("S4");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_header_that_names_validators_whom_nobody_asked_for_is_seen(bool isNext)
    {
        using var run = new Simulation(2, p => p.Calmed() with { ChangesSet = true });
        run.Begin();
        while (run.Checker.Height < 1)
        {
            run.Step().ShouldBeTrue();
        }
        var (genesis, other) = (run.Keys.Genesis, Digest.Of("others"));
        var head = run.Nodes.Select(n => n.Store.Read(1)).First(b => b is not null)!;
        BlockHeader.TryParse(head.Header, out var before).ShouldBeTrue();
        var header = before! with { Height = 2, Prev = before!.Hash, Time = before.Time.PlusMs(1), First = before.Size + 1 };
        header = isNext ? header with { NextValidators = other } : header with { Validators = other };
        var commit = Commit.VoteBytes(genesis.Chain, 2, 0, "precommit", header.Hash);
        var proposer = run.Nodes.First(n => n.Kid == before.Proposer);
        run.Checker.Said(proposer, new() { Proposal = WireForms.Write(new Proposal(2, 0, header.Hash, -1, proposer.Kid, new byte[64]), header.ToBytes()) });
        run.Checker.Stored(run.Nodes[0], new(2, header.First, header.Size, header.ToBytes(),
            new Commit(2, 0, header.Hash, [.. genesis.Set.Members.Select(m => new KidSignature(m.Kid, B64.Encode(run.SignaturesBy(m.Kid).Sign(commit))))]).ToBytes(),
            [], [], "[]"u8.ToArray(), head.Frontier));
        run.Checker.Violation.ShouldNotBeNull().ShouldEndWith("names other validators than were asked for");
    }

    // Mending a damaged block it had begun the next height, when the whole blocks behind it led on to a height from which it signs by another key: the new
    // core was told to begin a height that was over, and the process stopped.
    [Fact]
    public void Who_comes_past_a_change_of_its_key_while_a_damaged_block_is_mended_goes_on()
    {
        using var run = new Simulation(2229);
        run.Run().ShouldBeNull();
    }

    // Its store was damaged below the change of its key, so it started with the old one. When the block had come again and it signed by the new one, nobody
    // looked into that key's log: the lock in it was forgotten.
    [Fact]
    public void Who_starts_before_a_change_of_its_key_reads_the_log_of_the_key_that_takes_over()
    {
        using var run = new Simulation(20653);
        run.Run().ShouldBeNull();
    }

    private static Simulation Calm()
    {
        var run = new Simulation(2, p => p.Calmed() with { ChangesSet = true, StormUs = 300_000_000 });
        run.Run().ShouldBeNull();
        return run;
    }
}
