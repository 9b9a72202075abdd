using System.Text.Json;
using EventLedger.Domain.Kernel;
using EventLedger.Validator.Consensus;

namespace EventLedger.Validator.Tests.Consensus;

/// <summary>Counting (tm-votekeeper/1): after each vote the tally, the thresholds and who was found guilty. The core tells no events, it is asked.</summary>
internal static class VotesTrace
{
    public static void Replay(JsonElement trace, TraceRun run)
    {
        run.Begin();
        var set = trace.GetProperty("meta").Weights();
        var votes = new Votes(set);
        var conflicts = new HashSet<(string, int, Step, Digest?)>();
        var guilty = new HashSet<(string, int, Step)>();
        foreach (var (index, step) in trace.Items("steps").Index())
        {
            var vote = step.GetProperty("vote").Vote();
            var counted = votes.Add(vote, step.Number("currentRound"), out var evidence);
            var isNew = counted == Counted.Conflict && conflicts.Add((vote.From, vote.Round, vote.Step, vote.Value));
            var named = step.Items("equivocators").Any(e => e.GetString() == vote.From);
            var (tally, quorum) = (step.Items("tally").ToList(), step.GetProperty("quorum"));
            var isAsked = quorum.TryGetProperty("value", out var forValue);
            var expected = new Count(
                named, named && guilty.Add((vote.From, vote.Round, vote.Step)), string.Join(" ", tally.Select(line => line.Number("w"))),
                tally.Sum(line => line.Number("w")), isAsked && forValue.GetBoolean(), quorum.Flag("nil"), quorum.Flag("any"), quorum.Flag("oneThird"));
            var got = new Count(
                isNew, evidence is not null, string.Join(" ", tally.Select(line => votes.Power(vote.Round, vote.Step, line.Value()))),
                votes.PowerAny(vote.Round, vote.Step), isAsked && votes.HasQuorum(vote.Round, vote.Step, vote.Value),
                votes.HasQuorum(vote.Round, vote.Step, null), votes.HasQuorumAny(vote.Round, vote.Step), set.IsSkip(votes.PowerOfVoters(vote.Round)));
            if (!run.Same($"step {index} {step.GetProperty("vote")}", $"{expected}", $"{got}"))
            {
                return;   // What follows counts on this.
            }
        }
    }

    private sealed record Count(bool IsConflict, bool IsEvidence, string Tally, long PowerAny, bool ForValue, bool ForNil, bool ForAny, bool OneThird);
}
