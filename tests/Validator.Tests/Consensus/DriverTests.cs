using EventLedger.Domain.Kernel;
using EventLedger.Validator.Consensus;

namespace EventLedger.Validator.Tests.Consensus;

/// <summary>One node "p" of four at height 5; the proposers are q, r, s, p in turn.</summary>
public sealed class DriverTests
{
    private static readonly Digest A = Digest.Of("a"), B = Digest.Of("b");
    private static readonly Validators Set = new([new("p", 1), new("q", 1), new("r", 1), new("s", 1)]);
    private static readonly Input.NewHeight Five = new(5, Set, ["q", "r", "s", "p"]);
    private readonly Driver driver = new("p", 4);

    public DriverTests() => driver.Handle(Five);

    [Theory]
    [InlineData("r", 5, 0, -1)]   // Not its turn.
    [InlineData("x", 5, 0, -1)]   // A stranger.
    [InlineData("q", 4, 0, -1)]   // A height gone by.
    [InlineData("q", 5, -1, -1)]
    [InlineData("q", 5, 4, 4)]    // A polka of its own round cannot be there before it.
    [InlineData("q", 5, 4, -2)]
    [InlineData("p", 5, int.MaxValue, -1)]
    public void A_proposal_that_cannot_be_right_leaves_no_trace(string from, long height, int round, int validRound) =>
        driver.Handle(new Input.GotProposal(new(height, round, A, validRound, from, []), Verdict.Valid)).ShouldBeEmpty();

    [Fact]
    public void A_vote_of_a_stranger_or_of_a_round_out_of_range_leaves_no_trace()
    {
        driver.Handle(new Input.GotVote(Vote("x", 0, Step.Prevote, A))).ShouldBeEmpty();
        driver.Handle(new Input.GotVote(Vote("q", -1, Step.Prevote, A))).ShouldBeEmpty();
        driver.Handle(new Input.GotVote(Vote("q", int.MaxValue, Step.Prevote, A))).ShouldBeEmpty();
        driver.Handle(new Input.GotVote(Vote("q", 0, Step.Propose, A))).ShouldBeEmpty();
    }

    [Fact]
    public void What_counts_is_logged_before_anything_is_said()
    {
        var outputs = Propose("q", 0, A);
        outputs[0].ShouldBeOfType<Output.Persist>().Input.ShouldBeOfType<Input.GotProposal>();
        outputs[1].ShouldBe(new Output.SendVote(5, 0, Step.Prevote, A));
        Propose("q", 0, A).ShouldBeEmpty();   // The same again is neither logged nor answered.
    }

    [Fact]
    public void A_second_proposal_of_one_round_is_evidence_once_and_their_number_is_bounded()
    {
        Propose("q", 0, A);
        Propose("q", 0, B).OfType<Output.ProposalEvidence>().ShouldHaveSingleItem();
        var more = Enumerable.Range(0, 100).SelectMany(i => Propose("q", 0, Digest.Of($"{i}"))).ToList();
        more.OfType<Output.ProposalEvidence>().ShouldBeEmpty();
        more.OfType<Output.Persist>().Count().ShouldBe(2);
    }

    [Fact]
    public void A_second_vote_or_proposal_is_evidence_also_when_the_height_is_decided()
    {
        Propose("q", 0, A);
        All(Step.Prevote, A, "q", "r", "s");
        All(Step.Precommit, A, "q", "r", "s");
        driver.State.Step.ShouldBe(Step.Decided);
        driver.Handle(new Input.GotVote(Vote("r", 0, Step.Precommit, B))).ShouldHaveSingleItem().ShouldBeOfType<Output.Evidence>();
        Propose("q", 0, B).ShouldHaveSingleItem().ShouldBeOfType<Output.ProposalEvidence>();
        driver.Handle(new Input.GotVote(Vote("r", 0, Step.Precommit, null))).ShouldBeEmpty();
        Propose("q", 0, Digest.Of("c")).ShouldBeEmpty();
    }

    [Fact]
    public void The_proposal_that_the_others_followed_finds_its_place_among_those_of_a_traitor()
    {
        foreach (var i in Enumerable.Range(0, 10))
        {
            Propose("q", 0, Digest.Of($"{i}"));
        }
        All(Step.Prevote, A, "q", "r", "s");
        Propose("q", 0, A).ShouldContain(new Output.SendVote(5, 0, Step.Precommit, A));
    }

    [Fact]
    public void An_unknown_content_is_asked_for_and_holds_the_vote_back()
    {
        driver.Handle(new Input.GotProposal(new(5, 0, A, -1, "q", []), Verdict.Unknown))[1].ShouldBe(new Output.RequestBatch(5, 0, A, "q"));
        driver.Handle(new Input.Checked(5, B, true)).ShouldBeEmpty();
        driver.Handle(new Input.Checked(5, A, false)).ShouldContain(new Output.SendVote(5, 0, Step.Prevote, null));
    }

    [Fact]
    public void A_re_proposal_is_not_asked_for_its_time()
    {
        driver.Handle(new Input.GotProposal(new(5, 0, A, -1, "q", []), Verdict.Valid, IsTimely: false)).ShouldContain(new Output.SendVote(5, 0, Step.Prevote, null));
        All(Step.Prevote, A, "q", "r", "s");
        driver.State.Valid.ShouldBe(new Polka(0, A));
        driver.Handle(new Input.GotVote(Vote("q", 1, Step.Prevote, null)));
        driver.Handle(new Input.GotVote(Vote("s", 1, Step.Prevote, null)));
        driver.Handle(new Input.GotProposal(new(5, 1, A, 0, "r", []), Verdict.Valid, IsTimely: false)).ShouldContain(new Output.SendVote(5, 1, Step.Prevote, A));
    }

    [Fact]
    public void A_polka_for_what_this_node_found_invalid_locks_nothing()
    {
        driver.Handle(new Input.GotProposal(new(5, 0, A, -1, "q", []), Verdict.Invalid)).ShouldContain(new Output.SendVote(5, 0, Step.Prevote, null));
        All(Step.Prevote, A, "q", "r", "s").ShouldNotContain(o => o is Output.SendVote);
        (driver.State.Locked, driver.State.Valid).ShouldBe((null, null));
    }

    [Fact]
    public void A_content_that_is_known_from_an_earlier_round_is_not_asked_for_again()
    {
        Propose("q", 0, A);
        driver.Handle(new Input.Checked(5, A, false)).ShouldBeEmpty();   // Valid is final.
        driver.Handle(new Input.GotVote(Vote("q", 1, Step.Prevote, null)));
        driver.Handle(new Input.GotVote(Vote("s", 1, Step.Prevote, null)));
        var outputs = driver.Handle(new Input.GotProposal(new(5, 1, A, -1, "r", []), Verdict.Unknown));
        outputs.ShouldContain(new Output.SendVote(5, 1, Step.Prevote, A));
        outputs.ShouldNotContain(o => o is Output.RequestBatch);
    }

    [Fact]
    public void A_tick_repeats_the_votes_that_made_the_round_begin_and_those_in_it()
    {
        All(Step.Precommit, null, "q", "r", "s");
        driver.Handle(new Input.Timeout(5, 0, Step.Precommit));
        driver.Handle(new Input.GotVote(Vote("q", 1, Step.Prevote, null)));
        driver.Handle(new Input.GotVote(Vote("r", 1, Step.Precommit, null)));
        driver.Handle(new Input.Tick()).OfType<Output.Resend>().ShouldHaveSingleItem().Votes.Select(v => (v.From, v.Round, v.Step))
            .ShouldBe([("q", 0, Step.Precommit), ("r", 0, Step.Precommit), ("s", 0, Step.Precommit), ("q", 1, Step.Prevote), ("r", 1, Step.Precommit)]);
    }

    [Fact]
    public void A_timer_that_was_not_set_does_nothing()
    {
        driver.Handle(new Input.Timeout(5, 0, Step.Precommit)).ShouldBeEmpty();
        driver.Handle(new Input.Timeout(5, 0, Step.Prevote)).ShouldBeEmpty();
        driver.Handle(new Input.Timeout(4, 0, Step.Propose)).ShouldBeEmpty();
        driver.Handle(new Input.Timeout(5, 0, Step.Propose)).ShouldContain(new Output.SendVote(5, 0, Step.Prevote, null));
        driver.Handle(new Input.Timeout(5, 0, Step.Propose)).ShouldBeEmpty();
    }

    [Fact]
    public void A_value_that_comes_too_late_or_twice_is_not_proposed()
    {
        driver.Handle(new Input.ValueReady(5, 0, A)).ShouldBeEmpty();
        foreach (var from in (string[])["q", "r"])
        {
            driver.Handle(new Input.GotVote(Vote(from, 3, Step.Prevote, null)));
        }
        driver.State.Round.ShouldBe(3);
        driver.Handle(new Input.ValueReady(5, 2, A)).ShouldBeEmpty();
        driver.Handle(new Input.ValueReady(5, 3, A)).ShouldBe([new Output.Persist(new Input.ValueReady(5, 3, A)), new Output.Propose(5, 3, A, -1)]);
        driver.Handle(new Input.ValueReady(5, 3, B)).ShouldBeEmpty();
    }

    [Fact]
    public void After_the_decision_nothing_happens_but_evidence()
    {
        Propose("q", 0, A);
        All(Step.Prevote, A, "p", "q", "r");
        var decide = All(Step.Precommit, A, "p", "q", "r").OfType<Output.Decide>().ShouldHaveSingleItem();
        decide.Precommits.Select(v => v.From).ShouldBe(["p", "q", "r"]);
        var state = driver.State;
        foreach (var from in (string[])["q", "r", "s"])
        {
            driver.Handle(new Input.GotVote(Vote(from, 7, Step.Precommit, B))).ShouldBeEmpty();
        }
        Propose("q", 8, B).ShouldBeEmpty();
        driver.Handle(new Input.Timeout(5, 0, Step.Propose)).ShouldBeEmpty();
        driver.Handle(new Input.Checked(5, A, false)).ShouldBeEmpty();
        driver.Handle(new Input.Committed([Vote("q", 1, Step.Precommit, B), Vote("r", 1, Step.Precommit, B), Vote("s", 1, Step.Precommit, B)])).ShouldBeEmpty();
        driver.Handle(new Input.GotVote(Vote("r", 0, Step.Precommit, B))).ShouldHaveSingleItem().ShouldBeOfType<Output.Evidence>();
        driver.State.ShouldBe(state);
    }

    [Fact]
    public void Whoever_signs_twice_is_found_out_after_the_decision_too()
    {
        Propose("q", 0, A);
        All(Step.Precommit, A, "p", "q", "r").OfType<Output.Decide>().ShouldHaveSingleItem();
        Propose("q", 0, B).ShouldHaveSingleItem().ShouldBeOfType<Output.ProposalEvidence>();
        driver.Handle(new Input.Certificate([Vote("q", 0, Step.Precommit, B), Vote("r", 0, Step.Precommit, B), Vote("s", 0, Step.Precommit, B)]))
            .OfType<Output.Evidence>().Select(e => e.First.From).ShouldBe(["q", "r"]);
        driver.Decision!.Value.ShouldBe(A);
    }

    [Fact]
    public void A_block_from_catch_up_decides_without_its_proposal()
    {
        driver.Handle(new Input.Committed([Vote("q", 9, Step.Precommit, A), Vote("r", 9, Step.Precommit, A)])).ShouldBeEmpty();
        driver.Handle(new Input.Committed([Vote("q", 9, Step.Precommit, A), Vote("r", 9, Step.Precommit, A), Vote("s", 9, Step.Precommit, A)]))
            .OfType<Output.Decide>().ShouldHaveSingleItem().Round.ShouldBe(9);
    }

    [Fact]
    public void A_commit_for_what_this_node_found_invalid_is_named_disputed()
    {
        driver.Handle(new Input.GotProposal(new(5, 0, A, -1, "q", []), Verdict.Invalid));
        All(Step.Precommit, A, "q", "r", "s").OfType<Output.Decide>().ShouldHaveSingleItem().IsDisputed.ShouldBeTrue();
    }

    [Fact]
    public void Votes_of_the_next_height_wait_for_it_within_a_bound()
    {
        foreach (var i in Enumerable.Range(0, 10_000))
        {
            driver.Handle(new Input.GotVote(new(6 + i, i, Step.Prevote, A, "s", []))).ShouldBeEmpty();
        }
        foreach (var from in (string[])["q", "r"])
        {
            driver.Handle(new Input.GotVote(new(6, 2, Step.Prevote, A, from, [])));
        }
        driver.Handle(Five with { Height = 6 });
        driver.State.ShouldBe(new RoundState(6, 2, Step.Propose));
    }

    [Fact]
    public void A_node_outside_of_the_set_follows_and_stays_silent()
    {
        var watcher = new Driver("w", 4);
        var outputs = new List<Output>(watcher.Handle(Five with { ProposerOrder = ["q", "w"] }));
        outputs.AddRange(watcher.Handle(new Input.GotProposal(new(5, 0, A, -1, "q", []), Verdict.Valid)));
        foreach (var step in (Step[])[Step.Prevote, Step.Precommit])
        {
            outputs.AddRange(((string[])["q", "r", "s"]).SelectMany(from => watcher.Handle(new Input.GotVote(Vote(from, 0, step, A)))));
        }
        outputs.ShouldNotContain(o => o is Output.SendVote || o is Output.Propose || o is Output.GetValue);
        outputs.OfType<Output.Decide>().ShouldHaveSingleItem();
    }

    [Fact]
    public void The_polka_of_a_long_forgotten_round_counts_when_a_re_proposal_rests_on_it()
    {
        var far = Driver.PastRoundsMax + 44;   // A multiple of four, so it is q's turn again.
        foreach (var from in (string[])["q", "r"])
        {
            driver.Handle(new Input.GotVote(Vote(from, far, Step.Prevote, null)));
        }
        driver.Handle(new Input.GotVote(Vote("q", 2, Step.Prevote, A))).ShouldBeEmpty();
        driver.Handle(new Input.GotProposal(new(5, far, A, 2, "q", []), Verdict.Valid));
        driver.State.Step.ShouldBe(Step.Propose);
        driver.Handle(new Input.Certificate([Vote("q", 2, Step.Prevote, A), Vote("r", 2, Step.Prevote, A), Vote("s", 2, Step.Prevote, A)]))
            .ShouldContain(new Output.SendVote(5, far, Step.Prevote, A));
    }

    private static Vote Vote(string from, int round, Step step, Digest? value) => new(5, round, step, value, from, []);

    private IReadOnlyList<Output> Propose(string from, int round, Digest value) =>
        driver.Handle(new Input.GotProposal(new(5, round, value, -1, from, []), Verdict.Valid));

    private List<Output> All(Step step, Digest? value, params string[] from) =>
        [.. from.SelectMany(kid => driver.Handle(new Input.GotVote(Vote(kid, 0, step, value))))];
}
