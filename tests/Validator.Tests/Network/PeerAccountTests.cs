using EventLedger.Validator.Network;
using Kind = EventLedger.Validator.Network.Wire.PeerMessage.BodyOneofCase;

namespace EventLedger.Validator.Tests.Network;

public sealed class PeerAccountTests
{
    private const long Start = 1_000_000;
    private readonly PeerAccount account = new("peer");

    [Fact]
    public void The_busiest_honest_peer_never_waits()
    {
        // All 30 streams have just opened, so it repeats 93 votes for each; then 250 heights a second with two votes and a proposal, for a minute.
        long waited = Enumerable.Range(0, 30 * 93).Sum(_ => account.Read(Kind.Vote, 183, Start));
        for (var ms = 0; ms < 60_000; ms += 4)
        {
            waited += account.Read(Kind.Vote, 183, Start + ms) + account.Read(Kind.Vote, 183, Start + ms) + account.Read(Kind.Proposal, 1200, Start + ms);
        }
        waited.ShouldBe(0);
        account.Standing(Start + 60_000).ShouldBe(new("peer", 100, 30 * 93 + 45_000, 30 * 93 * 183 + 15_000 * 1566, 0, 0, 0, 0, 0, 0, 0));
    }

    [Fact]
    public void An_honest_peer_that_speaks_to_one_far_behind_keeps_its_trust()
    {
        for (var ms = 0; ms < 60_000; ms += 2)
        {
            account.Blame(PeerFault.Useless, Start + ms);
        }
        account.Standing(Start + 60_000).Trust.ShouldBeGreaterThanOrEqualTo(99);
    }

    [Fact]
    public void Whoever_sends_more_waits_until_it_is_back_at_its_rate()
    {
        var now = Start;
        for (var i = 0; i < 100_000; i++)
        {
            now += account.Read(Kind.Vote, 183, now);
        }
        var rate = PeerLimits.Of(Kind.Vote)!;
        (now - Start).ShouldBeInRange((100_000L - rate.Burst) * 1000 / rate.PerSecond, (100_001L - rate.Burst) * 1000 / rate.PerSecond + 1);
    }

    [Fact]
    public void Bytes_are_bounded_whatever_they_are()
    {
        var now = Start;
        for (var i = 0; i < 100; i++)
        {
            now += account.Read(Kind.Block, 5 << 20, now);
        }
        (now - Start).ShouldBeInRange(14_000, 16_000);
    }

    [Fact]
    public void Trust_falls_slows_closes_for_a_time_that_doubles_and_comes_back()
    {
        for (var i = 0; i < 100; i++)
        {
            account.Blame(PeerFault.Forged, Start);
        }
        account.IsClosed(Start).ShouldBeFalse();
        account.Read(Kind.Hello, 4, Start).ShouldBe(5000);
        for (var i = 0; i < 50; i++)
        {
            account.Blame(PeerFault.Forged, Start);
        }
        (account.IsClosed(Start + 999), account.IsClosed(Start + 1000)).ShouldBe((true, false));
        account.Close(Start + 1000);
        (account.IsClosed(Start + 2999), account.IsClosed(Start + 3000)).ShouldBe((true, false));
        account.Standing(Start + 40_000).ShouldBe(new("peer", 100, 1, 4, 0, 150, 0, 0, 1, 5000, 2));
        account.Close(Start + 3000 + PeerAccount.ForgottenMs);
        account.IsClosed(Start + 3000 + PeerAccount.ForgottenMs + 1000).ShouldBeFalse();
    }

    [Fact]
    public void However_often_it_is_closed_the_time_has_an_end()
    {
        var now = Start;
        for (var i = 0; i < 40; i++)
        {
            account.Close(now);
            account.IsClosed(now + PeerAccount.ClosedMsMax).ShouldBeFalse();
            now += PeerAccount.ClosedMsMax;
        }
    }

    [Fact]
    public void An_answer_counts_once_for_each_question_and_old_questions_are_few()
    {
        account.TryAnswer(Kind.Block).ShouldBeFalse();
        for (var i = 0; i < 100; i++)
        {
            account.Asked(Kind.Block);
        }
        Enumerable.Range(0, 100).Count(_ => account.TryAnswer(Kind.Block)).ShouldBe(PeerAccount.OwedMax);
        account.TryAnswer(Kind.Batch).ShouldBeFalse();
    }

    [Fact]
    public void What_it_was_answered_holds_up_its_next_question_and_nothing_else()
    {
        for (var i = 0; i < 4; i++)
        {
            account.Answered(5 << 20, Start);
        }
        account.Read(Kind.BlockRequest, 4, Start).ShouldBeInRange(250, 350);
        account.Read(Kind.Vote, 183, Start).ShouldBe(0);
    }

    [Fact]
    public void Streams_that_open_again_and_again_cost_trust()
    {
        Enumerable.Range(0, 30).Count(_ => account.TryRequest(Start)).ShouldBe(20);
        account.Standing(Start).Pushing.ShouldBe(10);
        account.IsClosed(Start).ShouldBeFalse();
        Enumerable.Range(0, 100).Count(_ => account.TryRequest(Start)).ShouldBe(0);
        account.IsClosed(Start).ShouldBeTrue();
    }
}
