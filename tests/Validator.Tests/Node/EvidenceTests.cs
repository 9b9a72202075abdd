using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Consensus;
using EventLedger.Validator.Network;
using EventLedger.Validator.Network.Wire;
using EventLedger.Validator.Storage;
using EventLedger.Validator.Tests.Storage;
using EventLedger.Wire;
using Step = EventLedger.Validator.Consensus.Step;
using Vote = EventLedger.Validator.Consensus.Vote;

namespace EventLedger.Validator.Tests.Node;

public sealed class EvidenceTests
{
    private static readonly Digest X = Digest.Of("x"), Y = Digest.Of("y");

    [Fact]
    public async Task Every_correct_validator_finds_a_traitor_keeps_the_proof_over_a_restart_and_goes_on_sealing()
    {
        await using var net = new TestNetwork();
        await net.Start(0, 1, 2);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(i => net.Until(i, s => !s.IsObserving)));
        var traitor = net.Genesis.Validators[3].Member.Kid;
        var found = Enumerable.Range(0, 3).Select(i => Found(net[i].Node, 2)).ToList();
        using var open = new CountdownEvent(3);
        await using var streams = net.PeersOf(3, [0, 1, 2], _ => open.Signal());
        open.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken).ShouldBeTrue();
        foreach (var (step, value) in new (Step, Digest?)[] { (Step.Prevote, X), (Step.Prevote, Y), (Step.Prevote, null), (Step.Precommit, null), (Step.Precommit, X) })
        {
            streams.Broadcast(new() { Vote = Signed(net, traitor, 1, step, value) });
        }
        await Task.WhenAll(found).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        await net.Submit(net.Entries(0, 3));
        await Task.WhenAll(Enumerable.Range(0, 3).Select(i => net.Sealed(i, 3)));
        await net.Stop(0);
        await net.Start(0);
        for (var i = 0; i < 3; i++)
        {
            var reply = await Ask(net, i, new());
            var shown = reply.Items.Select(item => EvidenceVerifier.Verify(item.Memory, net.Genesis.File)).ToList();
            shown.Select(v => (v.Finding, v.Evidence!.Kid, v.Evidence.Kind, v.Evidence.Height)).Distinct()
                .ShouldBe([(EvidenceFinding.Proved, traitor, EvidenceKind.DoubleVote, 1L)]);
            shown.Select(v => v.Evidence!.First.Step).Order().ShouldBe(["precommit", "prevote"]);
            (await Ask(net, i, new() { Seen = reply.State })).Items.ShouldBeEmpty("the same is not sent twice");
        }
    }

    [Fact]
    public async Task Two_proposals_are_found_and_what_is_forged_in_the_name_of_another_is_not()
    {
        await using var net = new TestNetwork(4, age: TimeSpan.FromMinutes(1));
        await using var lone = new LoneNode(net);
        var evidence = Listen(lone);
        await lone.Start();
        var (a, b) = (lone.ProposerOf(0), lone.ProposerOf(1));
        var header = lone.Header(net.Entries(0, 2), Now);
        await lone.Said(b, LoneNode.Forged(a, 0, Step.Prevote, X), LoneNode.Forged(a, 0, Step.Prevote, Y), lone.Vote(b, 0, Step.Prevote, X), lone.Vote(b, 0, Step.Prevote, X));
        await lone.Said(a, lone.Proposal(a, 0, header), lone.Proposal(a, 0, header));
        evidence.ShouldBeEmpty();
        await lone.Said(a, lone.Proposal(a, 0, header with { Time = header.Time.PlusMs(1) }), lone.Proposal(a, 0, header with { Time = header.Time.PlusMs(2) }));
        var one = evidence.ShouldHaveSingleItem();
        (one.Kind, one.Kid).ShouldBe((EvidenceKind.DoubleProposal, a));
        one.Problem(net.Genesis.Chain, net.Genesis.Set).ShouldBeNull();
    }

    [Fact]
    public async Task What_comes_after_the_block_was_sealed_is_evidence_too()
    {
        await using var net = new TestNetwork(4, age: TimeSpan.FromMinutes(1));
        await using var lone = new LoneNode(net);
        var evidence = Listen(lone);
        await lone.Start();
        var (a, b, c) = (lone.ProposerOf(0), lone.ProposerOf(1), lone.ProposerOf(2));
        var header = await Seal(lone, net, round: 0);
        evidence.ShouldBeEmpty();
        await lone.Said(b, lone.Vote(b, 0, Step.Precommit, X));
        await lone.Said(a, lone.Proposal(a, 0, header with { Time = header.Time.PlusMs(1) }));
        await lone.Said(c, lone.Vote(c, 0, Step.Precommit, header.Hash), lone.Vote(c, 0, Step.Precommit, null), LoneNode.Forged(a, 0, Step.Precommit, X));
        evidence.Select(e => (e.Kind, e.Kid)).ShouldBe([(EvidenceKind.DoubleVote, b), (EvidenceKind.DoubleProposal, a), (EvidenceKind.DoubleVote, c)]);
        evidence.ShouldAllBe(e => e.Problem(net.Genesis.Chain, net.Genesis.Set) == null);
        lone.Node.Status.Height.ShouldBe(1);
    }

    [Fact]
    public async Task Who_forgets_its_lock_is_accused_and_what_its_prevotes_allow_is_shown_with_them()
    {
        await using var net = new TestNetwork(4, age: TimeSpan.FromMinutes(1));
        await using var lone = new LoneNode(net);
        var evidence = Listen(lone);
        await lone.Start();
        var a = lone.ProposerOf(0);
        await lone.Said(a, lone.Vote(a, 0, Step.Precommit, X));
        var header = await Seal(lone, net, round: 1);
        // Its prevote of round 1 had nothing to rest on; its precommit there had the prevotes of that round.
        evidence.Select(e => (e.Kind, e.Kid, e.Second.Step, e.Second.Block, IsAnswered: e.Answer is not null)).ShouldBe(
            [(EvidenceKind.Amnesia, a, "prevote", header.Hash, false), (EvidenceKind.Amnesia, a, "precommit", header.Hash, true)]);
        evidence.Select(e => EvidenceVerifier.Verify(e.ToBytes(), net.Genesis.File).Code).ShouldBe([EvidenceVerifier.Accused, EvidenceVerifier.Answered]);
    }

    [Fact]
    public async Task What_only_the_log_still_shows_after_a_restart_is_handed_on_and_kept_once_over_all_restarts()
    {
        await using var net = new TestNetwork(4, age: TimeSpan.FromMinutes(1));
        using var directory = new TempDirectory();
        string traitor;
        // Nobody keeps what is found in its first life; with its precommit both proposals go into the log.
        await using (var lone = new LoneNode(net))
        {
            await lone.Start();
            traitor = lone.ProposerOf(0);
            var (entries, other) = (net.Entries(0, 2), lone.ProposerOf(1));
            await lone.Submit(entries);
            var header = lone.Header(entries, Now);
            await lone.Said(traitor, lone.Proposal(traitor, 0, header), lone.Proposal(traitor, 0, header with { Time = header.Time.PlusMs(1) }));
            await lone.Said(traitor, lone.Vote(traitor, 0, Step.Prevote, header.Hash));
            await lone.Said(other, lone.Vote(other, 0, Step.Prevote, header.Hash));
            (await lone.Signed()).ShouldContain(new SignGuard(1, 0, Step.Precommit, header.Hash));
        }
        for (var restart = 0; restart < 2; restart++)
        {
            await using var again = new LoneNode(net);
            var store = new EvidenceStore(directory.Path, e => e.Problem(net.Genesis.Chain, net.Genesis.Set) is null);
            again.Node.Misbehaved += store.Keep;
            await again.Start();
            var one = store.All.ShouldHaveSingleItem();
            (one.Kind, one.Kid, one.Height).ShouldBe((EvidenceKind.DoubleProposal, traitor, 1L));
            Directory.GetFiles(directory.Path).ShouldHaveSingleItem();
        }
    }

    private static LedgerTime Now => LedgerTime.From(DateTimeOffset.UtcNow);

    private static List<Evidence> Listen(LoneNode lone)
    {
        var evidence = new List<Evidence>();
        lone.Node.Misbehaved += evidence.Add;
        return evidence;
    }

    // Whoever listens here is told after the store has kept it.
    private static Task Found(Validator.Node.NodeLoop node, int count)
    {
        var found = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        node.Misbehaved += _ =>
        {
            if (--count == 0)
            {
                found.SetResult();
            }
        };
        return found.Task;
    }

    private static SignedVote Signed(TestNetwork net, string kid, long height, Step step, Digest? value)
    {
        var bytes = Commit.VoteBytes(net.Genesis.Chain, height, 0, step == Step.Precommit ? "precommit" : "prevote", value);
        return WireForms.Write(new Vote(height, 0, step, value, kid, net.KeyOf(kid).Sign(bytes)));
    }

    private static async Task<EvidenceReply> Ask(TestNetwork net, int i, EvidenceRequest request)
    {
        using var client = net.ClientOf(i);
        return (await TestNetwork.Call(client, "GetEvidence", request, EvidenceReply.Parser)).Reply.ShouldNotBeNull();
    }

    // Two peers; with the node itself that is a quorum.
    private static async Task<BlockHeader> Seal(LoneNode lone, TestNetwork net, int round)
    {
        var entries = net.Entries(0, 2);
        await lone.Submit(entries);
        var header = lone.Header(entries, Now, round);
        await lone.Said(lone.ProposerOf(round), lone.Proposal(lone.ProposerOf(round), round, header));
        foreach (var step in new[] { Step.Prevote, Step.Precommit })
        {
            await lone.Said(lone.ProposerOf(0), lone.Vote(lone.ProposerOf(0), round, step, header.Hash));
            await lone.Said(lone.ProposerOf(1), lone.Vote(lone.ProposerOf(1), round, step, header.Hash));
        }
        await lone.Until(s => s.Height == 1);
        return header;
    }
}
