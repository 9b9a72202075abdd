using System.Collections.Immutable;
using EventLedger.Validator.Consensus;

namespace EventLedger.Validator.Tests.Consensus;

/// <summary>
/// Which keys run twice, and all rounds that can be played with them, as numbers: partitions into at most two groups (with three of four keys
/// needed for a quorum, more groups only silence more instances) times whose turn it is.
/// </summary>
internal sealed class TwinSetup
{
    private readonly ImmutableArray<int[]> symmetries;

    public TwinSetup(int count, int twins)
    {
        Keys = [.. Enumerable.Range(0, count).Select(i => $"p{i}")];
        Set = new(Keys.Select(key => new Voter(key, 1)));
        Owners = [.. Enumerable.Range(0, count), .. Enumerable.Range(0, twins)];
        Twins = twins;
        // Instance 0 is in the group with bit 0: the other naming of the groups is the same partition.
        Rounds = [.. Enumerable.Range(0, 1 << (Owners.Length - 1)).SelectMany(half => Enumerable.Range(0, count).Select(proposer => new TwinRound(half << 1, proposer)))];
        symmetries = [.. Renamings()];
    }

    public ImmutableArray<string> Keys { get; }

    public Validators Set { get; }

    /// <summary>Key of each instance; the second copies come last.</summary>
    public ImmutableArray<int> Owners { get; }

    public int Twins { get; }

    public ImmutableArray<TwinRound> Rounds { get; }

    /// <summary>
    /// All scenarios of so many rounds, one of each family that differs only in names (which correct node, which of a key's two copies, which twin
    /// pair), with the family's size. The sizes add up to <see cref="Rounds"/> to the power of the length.
    /// </summary>
    /// <remarks>
    /// Nothing is missed by this. To the core a name is only equal or not to another, all weigh the same and whose turn it is belongs to the scenario, so a
    /// renamed scenario plays the renamed game; and what is said in a round reaches nobody in an earlier one, so a beginning ends the same however it goes on.
    /// </remarks>
    /// <param name="length">Rounds of a scenario.</param>
    /// <param name="first">Only scenarios that begin with this round, to share the work.</param>
    /// <param name="isOver">Asked of each beginning: when nothing can change any more, the scenarios that go on from it are counted with it.</param>
    public IEnumerable<(ImmutableArray<TwinRound> Rounds, long Family)> Enumerate(int length, int first, Func<ImmutableArray<TwinRound>, bool> isOver) =>
        Extend([], first, first + 1, length, [.. symmetries], isOver);

    private IEnumerable<(ImmutableArray<TwinRound>, long)> Extend(
        ImmutableArray<TwinRound> start, int from, int to, int length, List<int[]> same, Func<ImmutableArray<TwinRound>, bool> isOver)
    {
        for (var letter = from; letter < to; letter++)
        {
            // A scenario stands for its family when no renaming gives a smaller one; only renamings that left the beginning as it is matter here.
            if (same.Exists(renamed => renamed[letter] < letter))
            {
                continue;
            }
            var (here, still) = (start.Add(Rounds[letter]), same.FindAll(renamed => renamed[letter] == letter));
            if (here.Length == length || isOver(here))
            {
                var rest = (long)Math.Pow(Rounds.Length, length - here.Length);
                yield return (here, symmetries.Length / still.Count * rest);
                continue;
            }
            foreach (var longer in Extend(here, 0, Rounds.Length, length, still, isOver))
            {
                yield return longer;
            }
        }
    }

    // Each renaming of instances that takes copies of one key to copies of one key, as a table from round number to round number.
    private IEnumerable<int[]> Renamings() => Permutations(Owners.Length)
        .Where(p => Enumerable.Range(0, Owners.Length).All(i => Enumerable.Range(0, i).All(j => Owners[i] == Owners[j] == (Owners[p[i]] == Owners[p[j]]))))
        .Select(p => Rounds.Select(r => Renamed(r, p)).ToArray());

    private int Renamed(TwinRound round, int[] p)
    {
        var group = Enumerable.Range(0, p.Length).Sum(i => (round.Group >> i & 1) << p[i]);
        var same = (group & 1) == 0 ? group : ~group & ((1 << p.Length) - 1);
        return (same >> 1) * Keys.Length + Owners[p[round.Proposer]];
    }

    private static IEnumerable<int[]> Permutations(int count) => count == 0
        ? [[]]
        : Permutations(count - 1).SelectMany(p => Enumerable.Range(0, count).Select(at => (int[])[.. p[..at], count - 1, .. p[at..]]));
}
