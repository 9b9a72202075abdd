using System.Collections.Immutable;

namespace EventLedger.Validator.Consensus;

/// <summary>A validator precommitted one value and in a later round voted for another.</summary>
/// <param name="Precommit">Its last precommit for a value before the later vote.</param>
/// <param name="Later">Its prevote or precommit for another value.</param>
/// <param name="Polka">The prevotes that allow it, ascending by kid; empty where none are held here, which may be this node's own gap.</param>
public sealed record Switch(Vote Precommit, Vote Later, ImmutableArray<Vote> Polka);

/// <summary>
/// Finds who left a value that it was locked on: once a precommit for v stands, a vote for w in a later round needs a polka for w since (L28 for a prevote,
/// L36 for a precommit). It is asked when a height is over, for only then most of what was said has arrived.
/// </summary>
public static class Switches
{
    /// <summary>All of one height, in the order of their rounds; one vote is held against one precommit.</summary>
    public static IEnumerable<Switch> In(Votes votes)
    {
        var locks = new Dictionary<string, Vote>(StringComparer.Ordinal);
        foreach (var round in votes.Rounds)
        {
            foreach (var later in (Vote[])[.. votes.Of(round, Step.Prevote), .. votes.Of(round, Step.Precommit)])
            {
                if (later.Value is not null && locks.TryGetValue(later.From, out var precommit) && precommit.Value != later.Value)
                {
                    yield return new(precommit, later, PolkaFor(votes, precommit, later));
                }
            }
            foreach (var precommit in votes.Of(round, Step.Precommit).Where(v => v.Value is not null))
            {
                locks[precommit.From] = precommit;
            }
        }
    }

    private static ImmutableArray<Vote> PolkaFor(Votes votes, Vote precommit, Vote later) => votes.Rounds
        .Where(round => round >= precommit.Round && (round < later.Round || (round == later.Round && later.Step == Step.Precommit)))
        .Select(round => votes.Proof(round, Step.Prevote, later.Value))
        .FirstOrDefault(proof => proof.Length > 0, []);
}
