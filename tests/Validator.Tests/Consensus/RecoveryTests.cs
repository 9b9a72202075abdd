using EventLedger.Domain.Kernel;
using EventLedger.Validator.Consensus;

namespace EventLedger.Validator.Tests.Consensus;

/// <summary>A node that died between its log and its first word says after the restart what it was about to say.</summary>
public sealed class RecoveryTests
{
    private static readonly Digest A = Digest.Of("a");
    private static readonly Validators Set = new([new("p", 1), new("q", 1), new("r", 1), new("s", 1)]);

    [Fact]
    public void The_vote_and_the_timers_of_the_round_are_due_again() =>
        Recovery.Replay("p", Start("q", "r"), [new Input.GotProposal(new(5, 0, A, -1, "q", []), Verdict.Valid)])
            .Due.ShouldBe([new Output.SetTimer(5, 0, Step.Propose), new Output.SendVote(5, 0, Step.Prevote, A)]);

    [Fact]
    public void A_value_is_asked_for_again_until_it_was_answered()
    {
        Recovery.Replay("p", Start("p", "q"), []).Due.ShouldContain(new Output.GetValue(5, 0));
        var due = Recovery.Replay("p", Start("p", "q"), [new Input.ValueReady(5, 0, A)]).Due;
        due.ShouldContain(new Output.Propose(5, 0, A, -1));
        due.ShouldNotContain(o => o is Output.GetValue);
    }

    [Fact]
    public void What_belongs_to_a_round_gone_by_is_not_due()
    {
        Input[] log =
        [
            new Input.GotProposal(new(5, 0, A, -1, "q", []), Verdict.Valid),
            new Input.GotVote(new(5, 2, Step.Prevote, null, "r", [])),
            new Input.GotVote(new(5, 2, Step.Prevote, null, "s", [])),
        ];
        Recovery.Replay("p", Start("q", "r"), log).Due.ShouldBe([new Output.SetTimer(5, 2, Step.Propose)]);
    }

    private static Input.NewHeight Start(params string[] proposers) => new(5, Set, [.. proposers]);
}
