using EventLedger.Domain.Kernel;
using EventLedger.Validator.Consensus;

namespace EventLedger.Validator.Tests.Consensus;

/// <summary>What a node at height 5 keeps of the heights to come: little of each sender, the newest of it, in the order of arrival.</summary>
public sealed class LaterTests
{
    private static readonly Digest A = Digest.Of("a"), B = Digest.Of("b");
    private static readonly Validators Set = new([new("p", 1), new("q", 1), new("r", 1), new("s", 1)]);
    private readonly Driver driver = new("p", 4);

    public LaterTests() => Begin(5);

    [Theory]
    [InlineData(6, 1)]
    [InlineData(7, 1)]
    [InlineData(8, 0)]
    public void Only_the_next_two_heights_are_kept(long height, int kept)
    {
        Hear(height, 0, A);
        Begin(height).OfType<Output.Persist>().Count().ShouldBe(kept);
    }

    [Fact]
    public void A_sender_fills_no_memory_and_its_newest_messages_are_kept()
    {
        foreach (var round in Enumerable.Range(0, 1000))
        {
            Hear(6, round, A);
        }
        var rounds = Begin(6).OfType<Output.Persist>().Select(p => ((Input.GotVote)p.Input).Message.Round).ToList();
        rounds.Count.ShouldBeLessThan(100);
        rounds.ShouldBe(Enumerable.Range(1000 - rounds.Count, rounds.Count));
    }

    [Fact]
    public void Of_two_votes_for_one_place_the_first_to_come_counts()
    {
        Hear(6, 0, A);
        Hear(6, 0, B);
        var evidence = Begin(6).OfType<Output.Evidence>().ShouldHaveSingleItem();
        (evidence.First.Value, evidence.Second.Value).ShouldBe((A, B));
    }

    [Fact]
    public void What_waits_for_a_later_height_waits_on()
    {
        Hear(7, 0, A);
        Begin(6).OfType<Output.Persist>().ShouldBeEmpty();
        Begin(7).OfType<Output.Persist>().ShouldHaveSingleItem();
    }

    private IReadOnlyList<Output> Begin(long height) => driver.Handle(new Input.NewHeight(height, Set, ["q", "r", "s", "p"]));

    private void Hear(long height, int round, Digest value) => driver.Handle(new Input.GotVote(new(height, round, Step.Prevote, value, "s", []))).ShouldBeEmpty();
}
