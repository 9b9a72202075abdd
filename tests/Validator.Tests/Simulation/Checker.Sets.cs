using EventLedger.Domain.Ledger;
using EventLedger.Validator.Consensus;
using EventLedger.Validator.Storage;

namespace EventLedger.Validator.Tests.Simulation;

/// <summary>Who votes at which height, as the decided headers say, and whether they say what was asked for: what is sealed at h is in force from h + 2 on.</summary>
internal sealed partial class Checker
{
    private readonly List<ValidatorSet> sets = [sim.Keys.Genesis.Set];
    private readonly Dictionary<ValidatorSet, long[]> powers = [];
    private readonly Dictionary<string, string> newcomers = [];
    private ValidatorSet asked = sim.Keys.Genesis.Set;

    /// <summary>The validators of a height, up to the one after the newest; above it nobody knows them yet.</summary>
    public ValidatorSet SetAt(long height) => sets[(int)Math.Clamp(height, 1, sets.Count) - 1];

    /// <summary>A machine signs by another key from here on, and its consensus begins anew with it.</summary>
    public void Rekeyed(SimNode node) => last.Remove(node.Index);

    private long Power(uint who, long height)
    {
        var (power, each) = (0L, PowersOf(SetAt(height)));
        for (var i = 0; who != 0; i++, who >>= 1)
        {
            power += (who & 1) == 1 ? each[i] : 0;
        }
        return power;
    }

    private bool IsQuorum(uint who, long height) => SetAt(height).IsQuorum(Power(who, height));

    private long[] PowersOf(ValidatorSet set)
    {
        if (!powers.TryGetValue(set, out var each))
        {
            powers.Add(set, each = new long[sim.Plan.Machines]);
            foreach (var member in set.Members)
            {
                each[sim.IndexOf(member.Kid)!.Value] = member.Power;
            }
        }
        return each;
    }

    // Independent of the node's own rule: who built the last block goes first, and every 64 heights the turn passes on.
    private int ProposerOf(long height, int round)
    {
        var members = SetAt(height).Members;
        var first = height == 1 ? 0 : Math.Max(0, members.ToList().FindIndex(m => m.Kid == chain[(int)height - 2].Header.Proposer));
        return sim.IndexOf(members[(int)((first + ((height - 1) % 64 == 0 ? 1 : 0) + (long)round) % members.Count)].Kid)!.Value;
    }

    // Of a height whose set is not known yet nothing can be said.
    private bool HasVote(SimNode node, string kid, long height)
    {
        var has = height > sets.Count || SetAt(height).Find(kid) is not null;
        if (!has && !node.IsTraitor)
        {
            Fail($"S4: v{node.Index} signs in height {height} by a key that has no vote there");
        }
        return has;
    }

    private void Follow(StoredBlock block, BlockHeader header)
    {
        var (set, next) = (SetAt(block.Height), header.NextValidators == asked.Hash ? asked : null);
        if (header.Validators != set.Hash || next is null)
        {
            Fail($"S2: height {block.Height} names other validators than were asked for");
        }
        if (next is not null && next != set)
        {
            Turn(set, next);
        }
        sets.Add(next ?? set);
        asked = sim.Members?.Sealed(block) ?? asked;
    }

    // One block lies between the one that seals a change and the first that the new set decides.
    private void Turn(ValidatorSet set, ValidatorSet next)
    {
        if (sim.Nodes.Exists(n => !n.IsUp && (n.IsIn(set) || n.IsIn(next))))
        {
            sim.Tally.Count(OneDown);
        }
        var (old, now) = (PowersOf(set), PowersOf(next));
        for (var i = 0; i < now.Length; i++)
        {
            if (old[i] > 0 && now[i] == 0)
            {
                sim.Tally.Count(Left);
            }
        }
        foreach (var member in next.Members.Where(m => set.Find(m.Kid) is null))
        {
            newcomers[member.Kid] = old[sim.IndexOf(member.Kid)!.Value] > 0 ? Rotated : Joined;
        }
    }

    private void Welcome(SimNode node, Vote vote)
    {
        if (newcomers.Remove(vote.From, out var how) && !node.IsTraitor)
        {
            sim.Tally.Count(how);
        }
    }

    /// <summary>What is counted when an honest newcomer or a new key votes for the first time, when somebody has left, and when a change came while a machine of either set was down.</summary>
    public const string Joined = "set: joined", Left = "set: left", Rotated = "set: rotated", OneDown = "set: changed with one down";
}
