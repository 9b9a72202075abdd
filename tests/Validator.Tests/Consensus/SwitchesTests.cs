using EventLedger.Domain.Kernel;
using EventLedger.Validator.Consensus;

namespace EventLedger.Validator.Tests.Consensus;

/// <summary>Rule S6: a precommit for v, then a vote for w in a later round, and whether a polka for w lies between.</summary>
public sealed class SwitchesTests
{
    private static readonly Digest A = Digest.Of("a"), B = Digest.Of("b"), C = Digest.Of("c");
    private readonly Votes votes = new(new Validators([new("p", 1), new("q", 1), new("r", 1), new("s", 1)]));

    [Theory]
    [InlineData(Step.Prevote)]
    [InlineData(Step.Precommit)]
    public void A_vote_for_another_value_without_a_polka_since_is_a_switch(Step step)
    {
        Add("p", 1, Step.Precommit, A);
        Add("p", 3, step, B);
        var found = Switches.In(votes).ShouldHaveSingleItem();
        (found.Precommit.Value, found.Precommit.Round, found.Later.Value, found.Later.Round, found.Polka.Length).ShouldBe((A, 1, B, 3, 0));
    }

    [Fact]
    public void Nil_and_the_same_value_are_no_switch()
    {
        Add("p", 1, Step.Precommit, A);
        Add("p", 2, Step.Prevote, null);
        Add("p", 2, Step.Precommit, null);
        Add("p", 3, Step.Prevote, A);
        Add("p", 3, Step.Precommit, A);
        Add("q", 1, Step.Precommit, null);
        Add("q", 2, Step.Prevote, B);
        Add("r", 1, Step.Prevote, A);
        Add("r", 2, Step.Prevote, B);
        Switches.In(votes).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(0, Step.Prevote, false)]
    [InlineData(1, Step.Prevote, true)]
    [InlineData(2, Step.Prevote, true)]
    [InlineData(3, Step.Prevote, false)]
    [InlineData(3, Step.Precommit, true)]
    [InlineData(4, Step.Precommit, false)]
    public void The_polka_that_allows_it_lies_between(int round, Step step, bool allows)
    {
        Add("p", 1, Step.Precommit, A);
        Add("p", 3, step, B);
        Polka(round, B);
        var found = Switches.In(votes).First(s => s.Later.From == "p" && s.Later.Step == step);
        found.Polka.Select(v => v.From).ShouldBe(allows ? ["q", "r", "s"] : []);
    }

    [Fact]
    public void The_last_precommit_counts_and_not_one_that_it_replaced()
    {
        Add("p", 0, Step.Precommit, A);
        Polka(1, B);
        Add("p", 1, Step.Precommit, B);
        Add("p", 2, Step.Prevote, B);
        Add("p", 3, Step.Prevote, C);
        Switches.In(votes).Select(s => (s.Precommit.Value, s.Later.Value, s.Polka.Length)).ShouldBe([(A, B, 3), (B, C, 0)]);
    }

    [Fact]
    public void A_polka_that_came_as_a_certificate_counts()
    {
        foreach (var kid in new[] { "q", "r", "s" })
        {
            Add(kid, 2, Step.Prevote, C);
        }
        Add("p", 1, Step.Precommit, A);
        Add("p", 3, Step.Prevote, B);
        votes.AddCertificate([.. new[] { "q", "r", "s" }.Select(kid => Vote(kid, 2, Step.Prevote, B))]).ShouldBeTrue();
        Switches.In(votes).ShouldHaveSingleItem().Polka.Length.ShouldBe(3);
    }

    private void Polka(int round, Digest value)
    {
        foreach (var kid in new[] { "q", "r", "s" })
        {
            Add(kid, round, Step.Prevote, value);
        }
    }

    private void Add(string from, int round, Step step, Digest? value) => votes.Add(Vote(from, round, step, value), int.MaxValue, out _);

    private static Vote Vote(string from, int round, Step step, Digest? value) => new(5, round, step, value, from, []);
}
