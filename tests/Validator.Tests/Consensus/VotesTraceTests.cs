using EventLedger.Domain.Kernel;
using EventLedger.Validator.Consensus;

namespace EventLedger.Validator.Tests.Consensus;

public sealed class VotesTraceTests
{
    public static TheoryData<string> Files => Traces.Files("votekeeper");

    [Theory]
    [MemberData(nameof(Files))]
    public void Votes_counts_as_the_trace_does(string file)
    {
        var trace = Traces.Read(file);
        var set = new Validators(trace.GetProperty("meta").GetProperty("weights").EnumerateObject().Select(w => new Voter(w.Name, w.Value.GetInt32())));
        var votes = new Votes(set);
        var guilty = new HashSet<(string, int, Step)>();
        var conflicts = new HashSet<(string, int, Step, Digest?)>();
        var index = -1;
        foreach (var step in trace.Items("steps"))
        {
            index++;
            var vote = step.GetProperty("vote").Vote();
            var where = $"{file} step {index}: {step}";
            var counted = votes.Add(vote, step.Number("currentRound"), out var evidence);

            string[] equivocators = [.. step.Items("equivocators").Select(e => e.GetString()!)];
            var isNewConflict = counted == Counted.Conflict && conflicts.Add((vote.From, vote.Round, vote.Step, vote.Value));
            isNewConflict.ShouldBe(equivocators.Contains(vote.From), where);
            (evidence is not null).ShouldBe(equivocators.Length > 0 && guilty.Add((vote.From, vote.Round, vote.Step)), where);

            var tally = step.Items("tally").ToList();
            foreach (var line in tally)
            {
                votes.Power(vote.Round, vote.Step, line.Value()).ShouldBe(line.Number("w"), where);
            }
            votes.PowerAny(vote.Round, vote.Step).ShouldBe(tally.Sum(line => line.Number("w")), where);

            var quorum = step.GetProperty("quorum");
            Digest? value = vote.Value;
            if (quorum.TryGetProperty("value", out var forValue))
            {
                votes.HasQuorum(vote.Round, vote.Step, value).ShouldBe(forValue.GetBoolean(), where);
            }
            votes.HasQuorum(vote.Round, vote.Step, null).ShouldBe(quorum.Flag("nil"), where);
            votes.HasQuorumAny(vote.Round, vote.Step).ShouldBe(quorum.Flag("any"), where);
            set.IsSkip(votes.PowerOfVoters(vote.Round)).ShouldBe(quorum.Flag("oneThird"), where);
        }
        index.ShouldBeGreaterThan(0);
        TestContext.Current.TestOutputHelper?.WriteLine($"{index + 1} of {index + 1} steps compared");
    }
}
