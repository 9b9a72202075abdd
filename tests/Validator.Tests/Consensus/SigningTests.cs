using EventLedger.Domain.Kernel;
using EventLedger.Validator.Consensus;

namespace EventLedger.Validator.Tests.Consensus;

public sealed class SigningTests
{
    private static readonly Digest A = Digest.Of("a"), B = Digest.Of("b");
    private static readonly SignGuard Last = new(5, 2, Step.Prevote, A);
    private static readonly Validators Set = new([new("p", 1), new("q", 1), new("r", 1), new("s", 1)]);

    [Theory]
    [InlineData(5, 2, Step.Precommit, true)]
    [InlineData(5, 3, Step.Propose, true)]
    [InlineData(6, 0, Step.Propose, true)]
    [InlineData(5, 2, Step.Prevote, false)]
    [InlineData(5, 2, Step.Propose, false)]
    [InlineData(5, 1, Step.Precommit, false)]
    [InlineData(4, 9, Step.Precommit, false)]
    public void Another_value_may_be_signed_only_later(long height, int round, Step step, bool may) =>
        Last.MaySign(new(height, round, step, B)).ShouldBe(may);

    [Fact]
    public void Who_lost_its_guard_waits_until_two_heights_above_what_its_peers_hold_are_decided()
    {
        var rejoin = Rejoin.Begin("p", Set, null, 0).Answer("q", null, [], head: 8).Answer("r", null, [], head: 7);
        rejoin.HeightDecided(9).MaySign.ShouldBeFalse("a vote for height 9 or 10 may have been signed that nobody here saw");
        rejoin.HeightDecided(10).MaySign.ShouldBeTrue();
    }

    [Fact]
    public void Who_lies_about_its_head_keeps_another_silent_for_a_time_only() =>
        Rejoin.Begin("p", Set, null, 0).Answer("q", null, [], head: long.MaxValue).Answer("r", null, [], head: 7).HeightDecided(9 + Rejoin.HeadLieMax).MaySign.ShouldBeTrue();

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MaxValue - 2 * Rejoin.HeadLieMax)]
    [InlineData(long.MinValue)]
    public void As_many_liars_as_there_may_be_neither_silence_another_nor_make_it_speak_early(long lie)
    {
        var seven = new Validators("pqrstuv".Select(c => new Voter($"{c}", 1)));
        var rejoin = Rejoin.Begin("p", seven, null, 0).Answer("q", null, [], lie).Answer("r", null, [], lie).Answer("s", null, [], 7).Answer("t", null, [], 7);
        rejoin.HeightDecided(8).MaySign.ShouldBeFalse();
        rejoin.HeightDecided(9 + Rejoin.HeadLieMax).MaySign.ShouldBeTrue();
    }

    [Fact]
    public void The_same_again_may_be_signed() => (Last.MaySign(Last with { }), Last.MaySign(Last with { Value = null })).ShouldBe((true, false));

    [Fact]
    public void Nobody_signs_before_more_than_two_thirds_answered()
    {
        var rejoin = Rejoin.Begin("p", Set, Last, 5).Answer("q", Last, []).Answer("q", Last, []).Answer("stranger", Last, []);
        rejoin.MaySign.ShouldBeFalse();
        rejoin.Answer("r", Last, [Last]).MaySign.ShouldBeTrue();
    }

    [Fact]
    public void Without_a_guard_it_signs_only_after_a_height_above_the_head()
    {
        var rejoin = Rejoin.Begin("p", Set, null, 5).Answer("q", null, []).Answer("r", null, []);
        rejoin.MaySign.ShouldBeFalse();
        rejoin.HeightDecided(5).MaySign.ShouldBeFalse();
        rejoin.HeightDecided(6).MaySign.ShouldBeTrue();
    }

    [Fact]
    public void A_vote_beyond_the_guard_or_against_it_makes_it_look_on_until_that_height_is_past()
    {
        Rejoin Shown(SignGuard vote) => Rejoin.Begin("p", Set, Last, 4).Answer("q", Last, [vote]).Answer("r", Last, []);
        var beyond = Shown(new(7, 0, Step.Prevote, B));
        (beyond.MaySign, beyond.HeightDecided(7).MaySign, beyond.HeightDecided(8).MaySign).ShouldBe((false, false, true));
        Shown(Last with { Value = B }).MaySign.ShouldBeFalse();
        Shown(new(5, 1, Step.Prevote, B)).MaySign.ShouldBeTrue();
    }

    [Fact]
    public void What_was_signed_since_the_start_raises_no_doubt()
    {
        var now = new SignGuard(6, 0, Step.Precommit, B);
        Rejoin.Begin("p", Set, Last, 5).Answer("q", Last, []).Answer("r", Last, []).Answer("s", now, [now]).MaySign.ShouldBeTrue();
    }

    [Fact]
    public void A_timer_grows_with_the_round_and_stops_at_the_cap()
    {
        var timeouts = new Timeouts(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(60));
        timeouts.For(0, Step.Propose).ShouldBe(TimeSpan.FromSeconds(1));
        timeouts.For(3, Step.Propose).ShouldBe(TimeSpan.FromSeconds(7));
        timeouts.For(3, Step.Precommit).ShouldBe(TimeSpan.FromSeconds(3.5), "votes are waited for half as long");
        timeouts.For(int.MaxValue, Step.Propose).ShouldBe(TimeSpan.FromSeconds(60));
        timeouts.For(int.MaxValue, Step.Prevote).ShouldBe(TimeSpan.FromSeconds(30));
    }
}
