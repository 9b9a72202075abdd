using EventLedger.Api.Provisioning.Answers;
using Xunit;

namespace EventLedger.Api.Tests.Provisioning;

public sealed class ChainKeepersTests
{
    [Theory]
    [InlineData("5 1 1 1", "0 1 1 1", false)]
    [InlineData("5 1 1 1", "1 1 0 0", true)]
    [InlineData("1 1 1 1", "1 1 1 0", true)]
    [InlineData("1 1 1 1", "1 1 0 0", false)]
    public void Votes_decide_whether_those_who_answer_can_seal(string votes, string answers, bool canSeal)
    {
        var power = votes.Split(' ').Select(long.Parse).ToList();
        var lines = answers.Split(' ').Select((a, i) => new ValidatorLine($"validator-{i + 1}", true, a == "1", null, power[i])).ToList();
        new ChainKeepers(lines, power.Sum(), (2 * power.Sum() / 3) + 1).CanSeal.ShouldBe(canSeal);
    }
}
