using EventLedger.Domain.Kernel;
using EventLedger.Validator.Consensus;

namespace EventLedger.Validator.Tests.Consensus;

public sealed class VotesTests
{
    private static readonly Digest A = Digest.Of("a"), B = Digest.Of("b");
    private readonly Votes votes = new(new Validators([new("p", 1), new("q", 1), new("r", 1), new("s", 1)]));

    [Fact]
    public void Two_thirds_exactly_are_no_quorum_and_one_third_exactly_is_no_skip()
    {
        var six = new Validators(Enumerable.Range(0, 6).Select(i => new Voter($"{i}", 1)));
        (six.IsQuorum(4), six.IsQuorum(5), six.IsSkip(2), six.IsSkip(3)).ShouldBe((false, true, false, true));
    }

    [Fact]
    public void Powers_that_the_thresholds_cannot_compare_are_refused() =>
        Should.Throw<ArgumentOutOfRangeException>(() => new Validators([new("p", long.MaxValue / 3), new("q", 1)]));

    [Fact]
    public void Powers_near_the_limit_do_not_overflow() =>
        new Validators(Enumerable.Range(0, 31).Select(i => new Voter($"{i:00}", int.MaxValue))).IsQuorum(21L * int.MaxValue).ShouldBeTrue();

    [Fact]
    public void The_first_vote_counts_and_a_different_one_is_evidence_once()
    {
        Add("p", A).ShouldBe((Counted.Yes, null));
        Add("p", A).ShouldBe((Counted.Again, null));
        Add("p", B).ShouldBe((Counted.Conflict, A));
        Add("p", null).ShouldBe((Counted.Conflict, null));
        (votes.Power(0, Step.Precommit, A), votes.Power(0, Step.Precommit, B)).ShouldBe((1, 0));
    }

    [Fact]
    public void A_stranger_has_no_vote() => Add("x", A).ShouldBe((Counted.Refused, null));

    [Fact]
    public void Both_votes_of_one_validator_count_once_for_a_skip()
    {
        votes.Add(Vote("p", 5, Step.Prevote, A), 0, out _);
        votes.Add(Vote("p", 5, Step.Precommit, A), 0, out _);
        votes.Skip(0).ShouldBeNull();
        votes.Add(Vote("q", 5, Step.Prevote, B), 0, out _);
        votes.Skip(0).ShouldBe(5);
        votes.Skip(5).ShouldBeNull();
    }

    [Theory]
    [InlineData(5, 7)]
    [InlineData(7, 5)]
    public void The_highest_round_with_a_third_is_skipped_to_in_any_order(int first, int second)
    {
        foreach (var round in (int[])[first, second])
        {
            votes.Add(Vote("p", round, Step.Prevote, A), 0, out _);
            votes.Add(Vote("q", round, Step.Prevote, A), 0, out _);
        }
        votes.Skip(0).ShouldBe(7);
    }

    [Fact]
    public void A_vote_that_was_pushed_out_weighs_nothing()
    {
        votes.Add(Vote("q", 1, Step.Prevote, A), 0, out _);
        votes.Add(Vote("p", 1, Step.Prevote, A), 0, out _);
        votes.Skip(0).ShouldBe(1);
        foreach (var round in Enumerable.Range(2, Votes.FutureRoundsMax))
        {
            votes.Add(Vote("p", round, Step.Prevote, A), 0, out _);
        }
        (votes.Power(1, Step.Prevote, A), votes.PowerAny(1, Step.Prevote), votes.PowerOfVoters(1), votes.Skip(0)).ShouldBe((1, 1, 1, null));
    }

    [Fact]
    public void A_traitor_in_a_million_rounds_fills_no_memory_and_pushes_out_nobody()
    {
        votes.Add(Vote("q", 3, Step.Prevote, A), 0, out _);
        for (var round = 1; round < 1_000_000; round += 997)
        {
            votes.Add(Vote("p", round, Step.Prevote, A), 0, out _);
        }
        votes.RoundCount.ShouldBe(Votes.FutureRoundsMax + 1);
        votes.Power(3, Step.Prevote, A).ShouldBe(1);
        votes.Add(Vote("p", 2, Step.Prevote, A), 0, out _).ShouldBe(Counted.Refused);
    }

    [Fact]
    public void A_certificate_proves_its_value_even_against_votes_that_came_first()
    {
        Add("p", B);
        Add("q", B);
        votes.AddCertificate([Vote("p", 0, Step.Precommit, A), Vote("q", 0, Step.Precommit, A), Vote("r", 0, Step.Precommit, A)]).ShouldBeTrue();
        votes.HasQuorum(0, Step.Precommit, A).ShouldBeTrue();
        votes.HasQuorumAny(0, Step.Precommit).ShouldBeTrue();
        votes.Commits.ShouldBe([(0, A)]);
        votes.Proof(0, Step.Precommit, A).Select(v => v.From).ShouldBe(["p", "q", "r"]);
    }

    [Fact]
    public void Half_doubled_strange_or_mixed_certificates_prove_nothing()
    {
        votes.AddCertificate([Vote("p", 0, Step.Precommit, A), Vote("q", 0, Step.Precommit, A)]).ShouldBeFalse();
        votes.AddCertificate([Vote("p", 0, Step.Precommit, A), Vote("q", 0, Step.Precommit, A), Vote("q", 0, Step.Precommit, A)]).ShouldBeFalse();
        votes.AddCertificate([Vote("p", 0, Step.Precommit, A), Vote("q", 0, Step.Precommit, A), Vote("x", 0, Step.Precommit, A)]).ShouldBeFalse();
        votes.AddCertificate([Vote("p", 0, Step.Precommit, A), Vote("q", 0, Step.Precommit, A), Vote("r", 0, Step.Prevote, A)]).ShouldBeFalse();
        votes.AddCertificate([Vote("p", 0, Step.Precommit, A), Vote("q", 0, Step.Precommit, A), Vote("r", 1, Step.Precommit, A)]).ShouldBeFalse();
        votes.AddCertificate([Vote("p", 0, Step.Precommit, A), Vote("q", 0, Step.Precommit, A), Vote("r", 0, Step.Precommit, B)]).ShouldBeFalse();
    }

    private static Vote Vote(string from, int round, Step step, Digest? value) => new(1, round, step, value, from, []);

    private (Counted, Digest?) Add(string from, Digest? value)
    {
        var counted = votes.Add(Vote(from, 0, Step.Precommit, value), 0, out var evidence);
        return (counted, evidence?.Value);
    }
}
