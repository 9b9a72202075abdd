using System.Globalization;
using EventLedger.Domain.Ledger;

namespace EventLedger.Validator.Tests.Simulation;

/// <summary>What a run, or many, went through: faults by kind, and how often each rule of the paper and each rare state was reached.</summary>
internal sealed class Tally
{
    private readonly SortedDictionary<string, long> sometimes = new(StringComparer.Ordinal);
    private readonly long[] faults = new long[Enum.GetValues<Fault>().Length];

    /// <summary>Every counter that must not stay at zero in a long run.</summary>
    public static readonly string[] Rules =
        ["L11", "L16", "L18", "L22", "L26", "L28", "L32", "L34", "L36", "L42", "L44", "L47", "L49", "L55", "L57", "L61", "L65"];

    public static readonly string[] Rare =
    [
        "catch-up", "decided in a later round", "evidence", $"evidence: {EvidenceKind.Amnesia}", $"evidence: {EvidenceKind.DoubleProposal}", $"evidence: {EvidenceKind.DoubleVote}", "halt by lost guards", "heartbeat", "lock changed", "polka without proposal", "rejected entry sealed",
        "rejoin observes", "repair", "restart from the log", "round skip", Checker.OneDown, Checker.Joined, Checker.Left, Checker.Rotated, "unlocked by a later polka",
    ];

    public long Seeds { get; set; }

    public long Heights { get; set; }

    public long SimulatedUs { get; set; }

    public IReadOnlyDictionary<string, long> Sometimes => sometimes;

    /// <summary>Rounds in which the healed core could decide, until it did (see <see cref="Checker"/>); and how many runs needed so many.</summary>
    public SortedDictionary<int, long> RoundsAfterHealing { get; } = [];

    public void Count(Fault fault, long times = 1) => faults[(int)fault] += times;

    public long Of(Fault fault) => faults[(int)fault];

    public void Count(string state) => sometimes[state] = sometimes.GetValueOrDefault(state) + 1;

    public void Add(Tally other)
    {
        (Seeds, Heights, SimulatedUs) = (Seeds + other.Seeds, Heights + other.Heights, SimulatedUs + other.SimulatedUs);
        foreach (var (state, times) in other.sometimes)
        {
            sometimes[state] = sometimes.GetValueOrDefault(state) + times;
        }
        foreach (var (rounds, runs) in other.RoundsAfterHealing)
        {
            RoundsAfterHealing[rounds] = RoundsAfterHealing.GetValueOrDefault(rounds) + runs;
        }
        for (var i = 0; i < faults.Length; i++)
        {
            faults[i] += other.faults[i];
        }
    }

    public override string ToString()
    {
        var lines = new List<string> { "faults" };
        lines.AddRange(Enum.GetValues<Fault>().Select(f => Line(f.ToString(), faults[(int)f])));
        lines.Add("rules");
        lines.AddRange(Rules.Select(rule => Line(rule, sometimes.GetValueOrDefault(rule))));
        lines.Add("rare states");
        lines.AddRange(Rare.Select(state => Line(state, sometimes.GetValueOrDefault(state))));
        lines.AddRange(sometimes.Where(s => !Rules.Contains(s.Key) && !Rare.Contains(s.Key)).Select(s => Line(s.Key, s.Value)));
        lines.Add("rounds in which the healed core could decide, until it did");
        lines.AddRange(RoundsAfterHealing.Select(r => Line(r.Key.ToString(CultureInfo.InvariantCulture), r.Value)));
        return string.Join('\n', lines);
    }

    private static string Line(string name, long value) => string.Create(CultureInfo.InvariantCulture, $"  {name,-28} {value,14}");
}
