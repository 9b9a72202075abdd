using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using EventLedger.Domain.Kernel;
using EventLedger.Validator.Consensus;

namespace EventLedger.Bench;

/// <summary>How many proposals and votes one driver takes a second, on one thread, with all messages made before.</summary>
internal static class CoreSpeed
{
    private const int HeightsPerRound = 500;
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(3);

    /// <summary>Messages a second with so many validators: at each height one proposal and from each validator two votes, of which the driver is one.</summary>
    public static double Measure(int count)
    {
        ImmutableArray<string> kids = [.. Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"v{i:D2}"))];
        var set = new Validators(kids.Select(k => new Voter(k, 1)));
        var driver = new Driver(kids[^1], 0);
        var (messages, head, handled) = (0L, 0L, TimeSpan.Zero);
        // The first round warms up.
        for (var round = 0; handled < Time; round++)
        {
            var heights = Enumerable.Range(0, HeightsPerRound).Select(_ => Messages(kids, ++head)).ToList();
            var start = Stopwatch.GetTimestamp();
            var height = head - HeightsPerRound;
            foreach (var inputs in heights)
            {
                driver.Handle(new Input.NewHeight(++height, set, kids));
                foreach (var input in inputs)
                {
                    driver.Handle(input);
                }
                if (driver.Decision?.Height != height)
                {
                    throw new InvalidOperationException($"Height {height} is not decided.");
                }
            }
            if (round > 0)
            {
                handled += Stopwatch.GetElapsedTime(start);
                messages += heights.Sum(h => h.Count);
            }
        }
        return messages / handled.TotalSeconds;
    }

    private static List<Input> Messages(ImmutableArray<string> kids, long height)
    {
        var value = Digest.Of(string.Create(CultureInfo.InvariantCulture, $"block {height}"));
        var signature = new byte[64];
        return
        [
            new Input.GotProposal(new(height, 0, value, -1, kids[0], signature), Verdict.Valid),
            .. kids.Select(k => new Input.GotVote(new(height, 0, Step.Prevote, value, k, signature))),
            .. kids.Select(k => new Input.GotVote(new(height, 0, Step.Precommit, value, k, signature))),
        ];
    }
}
