using System.Collections.Immutable;

namespace EventLedger.Validator.Consensus;

/// <summary>
/// Whether a validator that just started may sign. Its disk may be lost or an old copy, so it first asks its peers for the newest votes of its
/// own key; answers from more than two thirds of the power, itself counted, must be in. Without a guard, or when a peer shows a vote beyond the
/// guard, it only observes until a height above all shown votes and above the head at start was decided without it.
/// </summary>
public sealed record Rejoin
{
    private Rejoin(string self, Validators set, SignGuard? guard, long head) =>
        (Set, AnsweredBy, ObserveUntil, Decided, IsDoubtful, IsWaiting) = (set, [self], head, head, guard is null, !set.IsQuorum(set.Power([self])));

    private Validators Set { get; init; }

    private ImmutableHashSet<string> AnsweredBy { get; init; }

    /// <summary>
    /// How far above the highest head that more than a third of the power claims another is believed: liars keep this validator silent for so many
    /// heights, not for ever.
    /// </summary>
    public const long HeadLieMax = 1000;

    // Beyond any chain, and far enough from the end of the numbers to count on from.
    private const long HeadMax = long.MaxValue / 2;

    private ImmutableDictionary<string, long> Heads { get; init; } = ImmutableDictionary<string, long>.Empty;

    private long ObserveUntil { get; init; }

    private long Decided { get; init; }

    /// <summary>The disk is known not to remember everything that this key has signed.</summary>
    public bool IsDoubtful { get; private init; }

    // Among more than a third there is a correct one, so the lowest head of the highest that make it up is no lie.
    private long HeadOfPeers()
    {
        var (power, sure, highest) = (0L, -1L, -1L);
        foreach (var (peer, head) in Heads.OrderByDescending(h => h.Value))
        {
            (power, sure, highest) = (power + Set.Power(peer), head, Math.Max(highest, head));
            if (Set.IsSkip(power))
            {
                break;
            }
        }
        return Math.Min(highest, sure + HeadLieMax);
    }

    /// <summary>Begins at the start of the process; the guard is null when the disk has none, the head is the last height held.</summary>
    public static Rejoin Begin(string self, Validators set, SignGuard? guard, long head) => new(self, set, guard, head);

    /// <summary>Too few peers have answered yet.</summary>
    public bool IsWaiting { get; private init; }

    /// <summary>Every member has answered.</summary>
    public bool HasAllAnswers => AnsweredBy.Count >= Set.Count;

    /// <summary>Whether signing is allowed now.</summary>
    public bool MaySign => !IsWaiting && (!IsDoubtful || (Decided > ObserveUntil && Decided > HeadOfPeers() + 1));

    /// <summary>Whether the guard, now that observing is over, is to begin anew: an old one would raise the same doubt at the next start.</summary>
    public bool NeedsGuard(SignGuard? guard) => guard is null || (IsDoubtful && guard.Height <= ObserveUntil);

    /// <summary>
    /// A peer's answer: its newest votes of the own key, whose signatures the shell has verified; none is an answer too. Only members count.
    /// The guard is the one of now, so that what was signed since the start raises no doubt.
    /// </summary>
    /// <remarks>
    /// Without a guard a vote may have been signed that nobody saw. It was for a height whose parent a quorum had decided, and some correct member
    /// of that quorum answers here: its head is two below that height at most. So observing ends only two heights above the heads of all who answer.
    /// </remarks>
    /// <param name="peer">Kid of who answers.</param>
    /// <param name="guard">The own guard of now.</param>
    /// <param name="shown">Votes of the own key.</param>
    /// <param name="head">Newest height that the peer says it holds; 0 for none.</param>
    public Rejoin Answer(string peer, SignGuard? guard, IReadOnlyCollection<SignGuard> shown, long head = 0)
    {
        if (!Set.Has(peer))
        {
            return this;
        }
        // At the guard's own place another value is a vote the guard knows nothing of; below it the guard forbids everything anyway.
        var unknown = shown.Where(vote => guard is null || vote.IsBeyond(guard) || Conflicts(vote, guard)).ToList();
        var heads = guard is null ? Heads.SetItem(peer, Math.Max(Math.Min(head, HeadMax), Heads.GetValueOrDefault(peer))) : Heads;
        var answeredBy = AnsweredBy.Add(peer);
        return this with
        {
            Heads = heads,
            AnsweredBy = answeredBy,
            IsWaiting = IsWaiting && !Set.IsQuorum(Set.Power(answeredBy)),
            IsDoubtful = IsDoubtful || unknown.Count > 0,
            ObserveUntil = unknown.Aggregate(ObserveUntil, (until, vote) => Math.Max(until, vote.Height)),
        };
    }

    /// <summary>
    /// Another set is in force. Whoever still waits waits for that one: only its members vote now, and those before it may be gone. Whoever was
    /// answered has remembered all since, whatever the set.
    /// </summary>
    public Rejoin Follow(Validators set) => this with { Set = set, IsWaiting = IsWaiting && !set.IsQuorum(set.Power(AnsweredBy)) };

    /// <summary>A height was decided while this validator looked on.</summary>
    public Rejoin HeightDecided(long height) => this with { Decided = Math.Max(Decided, height) };

    private static bool Conflicts(SignGuard vote, SignGuard guard) =>
        (vote.Height, vote.Round, vote.Step) == (guard.Height, guard.Round, guard.Step) && vote.Value != guard.Value;
}
