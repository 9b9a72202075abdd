using EventLedger.Domain.Ledger;
using EventLedger.Validator.Network;

namespace EventLedger.Validator.Tests.Simulation;

/// <summary>The storm, and what comes after it.</summary>
internal sealed partial class Simulation
{
    private const long FaultEveryUs = 250_000;
    private List<SimNode> core = [];
    private long owed;

    /// <summary>From healing to the last decision that is owed: each dead or false proposer costs one round of three capped timeouts.</summary>
    private long LimitUs => (3 * (Plan.Count + 3) * (long)Timeouts.Cap.TotalMicroseconds) + 60_000_000;

    // Whoever has no seat after this height may be let go before it hears of its last block.
    private bool IsOver() => Checker.Height >= owed && core.All(n => n.IsTraitor || !n.IsIn(Checker.SetAt(owed + 1)) || (n.IsUp && n.Store.Height >= owed));

    // One chance for each kind of fault in each quarter second.
    private void Disturb()
    {
        if (Network.IsHealed)
        {
            return;
        }
        foreach (var node in Nodes)
        {
            Checker.Recovered(node);
            if (Dice.Chance(4))
            {
                node.Backup = (node.CopyGuards(), node.Store.Copy());
            }
        }
        foreach (var (fault, rate) in Plan.Rates)
        {
            if (Dice.Chance(rate))
            {
                Do(fault, Dice.Of(Nodes));
            }
        }
        At(FaultEveryUs, Disturb);
    }

    private void Do(Fault fault, SimNode node)
    {
        switch (fault)
        {
            case Fault.Crash when node.IsUp && Dice.Chance(300):
                Tally.Count(fault);
                Crash(node);
                break;
            case Fault.Crash when node.IsUp:
                Tally.Count(fault);
                node.CrashIn(Dice.Below(14));
                break;
            case Fault.FlushFails: node.FailFlush(); break;
            case Fault.Partition or Fault.OneWay:
                Network.Part(fault == Fault.OneWay);
                At(Dice.Between(500_000, 15_000_000), Network.Join);
                break;
            case Fault.Pause:
                Tally.Count(fault);
                node.PausedUntilUs = NowUs + Dice.Between(200_000, 12_000_000);
                break;
            case Fault.ClockJump:
                Tally.Count(fault);
                node.SimClock.OffsetMs = Dice.Chance(500) ? Dice.Between(-3000, 3000) : Dice.Between(-60_000, 60_000);
                break;
            case Fault.StoreFlip: Rot(node); break;
            case Fault.HostSilent:
                Tally.Count(fault);
                Host.BeSilent(Dice.Between(60_000_000, 150_000_000));
                break;
            default: break;
        }
    }

    // A copy may rot as long as others hold a whole one; all copies at once is what no system survives.
    private void Rot(SimNode node)
    {
        if (node.Store.Height == 0)
        {
            return;
        }
        var height = Dice.Between(1, node.Store.Height);
        var set = Checker.SetAt(Checker.Height + 1);
        var others = Nodes.Count(n => n != node && !n.IsTraitor && n.IsIn(set) && n.Store.IsWhole(height));
        if (!node.IsTraitor && others > set.Tolerates)
        {
            Tally.Count(Fault.StoreFlip);
            Trail.Note(NowUs, "rot", node.Index, height);
            node.Store.Harm(height, Dice);
        }
    }

    // What a machine finds when it comes back: nothing, something old, or something changed. Only so many guards may be lost at once.
    private void Damage(SimNode node)
    {
        if (Plan.ForgetsGuards && node.Life > 0)
        {
            node.Disk.Wipe();
            Validator.Storage.VoteLog.WriteFirst(node.Disk);
        }
        foreach (var fault in (Fault[])[Fault.Wipe, Fault.OldDirectory, Fault.OldGuard, Fault.WalFlip])
        {
            if (!Dice.Chance(Rate(fault)) || node.IsTraitor || node.Life == 0 || !MayLose(node))
            {
                continue;
            }
            switch (fault)
            {
                case Fault.Wipe:
                    node.WipeGuards();
                    node.Store.Wipe();
                    break;
                case Fault.OldDirectory when node.Backup is { } backup:
                    node.WipeGuards();
                    node.RestoreGuards(backup.Guards);
                    node.Store.Restore(backup.Blocks);
                    break;
                case Fault.OldGuard when node.Backup is { } backup: node.RestoreGuards(backup.Guards); break;
                case Fault.WalFlip when node.FlipLog(): break;
                default: continue;
            }
            Tally.Count(fault);
            Trail.Note(NowUs, fault.ToString(), node.Index);
            node.OldLife = fault == Fault.Wipe ? 0 : node.Life;
            node.Tainted = Math.Max(1, Checker.HighestSigned(node));
            return;
        }
    }

    private bool MayLose(SimNode node) => Plan.ExceedsGuards || (Members?.Sets ?? [Keys.Genesis.Set]).All(set => IsBorne(set, node));

    /// <summary>Whether a set bears that all who are faulty now, and perhaps one more, do what they like.</summary>
    public bool IsBorne(ValidatorSet set, SimNode? besides = null) =>
        3 * Nodes.Where(n => n == besides || n.IsTraitor || n.Tainted > 0).Sum(n => PowerOf(n, set)) < set.Power;

    private static long PowerOf(SimNode node, ValidatorSet set) => node.Kids.Sum(kid => set.Find(kid)?.Power ?? 0);

    // The network is whole, clocks are right, and a core that can decide lives; the rest stays dead. False when there is no such core.
    private bool Heal()
    {
        Trail.Note(NowUs, "heal", 0);
        var set = Checker.SetAt(Checker.Height + 1);
        var members = Nodes.Where(n => n.IsIn(set)).ToList();
        var able = members.Where(n => !n.IsTraitor && n.Tainted == 0).ToList();
        if (!set.IsQuorum(able.Sum(n => PowerOf(n, set))))
        {
            Tally.Count("halt by lost guards");
            return false;
        }
        if (Plan.ChangesSet && !HoldsAll(members))
        {
            Tally.Count("halt by lost blocks");
            return false;
        }
        var dead = new List<SimNode>();
        foreach (var node in members.OrderBy(_ => Dice.Next()).ToList())
        {
            // Every block must be somewhere in the core, and its power must do without whoever dies.
            var rest = members.Where(n => n != node && !dead.Contains(n)).ToList();
            if (Dice.Chance(700) && set.IsQuorum(rest.Where(able.Contains).Sum(n => PowerOf(n, set))) && HoldsAll(rest))
            {
                dead.Add(node);
            }
        }
        foreach (var node in dead)
        {
            node.Stop();
            node.IsDead = true;
        }
        core = [.. members.Where(n => !dead.Contains(n))];
        // Time in blocks never goes back: clocks that had run ahead together cannot be set behind the chain.
        var ahead = Math.Max(0, Checker.HeadTimeMs - WallMs);
        foreach (var node in core)
        {
            (node.PausedUntilUs, node.SimClock.OffsetMs) = (0, ahead + Dice.Between(-1000, 1000));
            node.Mend();
            node.CrashIn(-1);
        }
        Network.Heal();
        foreach (var node in core.Where(n => n.IsUp && !core.Exists(peer => !peer.IsTraitor && peer != n && Network.Knows(n.Index, peer.Index))))
        {
            // While it was away everybody has changed its keys: its operator names the others to it.
            Tally.Count("peers named by an operator");
            Crash(node);
        }
        foreach (var node in core.Where(n => !n.IsUp))
        {
            Restart(node);
        }
        owed = Checker.Healed(core);
        Host.BeSilent(0);
        return true;
    }

    /// <summary>Whom an operator names to a machine that starts when all is over.</summary>
    public IReadOnlyList<PeerAddress> SeedsOf(SimNode node) => !Plan.ChangesSet || !Network.IsHealed ? []
        : [.. core.Where(n => n != node).Select(n => new PeerAddress(n.Kid, [n.Seat.Validator.Address], [n.Seat.Transport]))];

    /// <summary>A machine is set up anew, under keys that have never signed.</summary>
    public void Install(SimNode node, SimSeat seat)
    {
        node.Install(seat);
        At(0, () => Restart(node));
    }

    public static bool HoldsAll(List<SimNode> nodes)
    {
        var honest = nodes.Where(n => !n.IsTraitor).ToList();
        for (var height = 1L; height <= honest.Max(n => n.Store.Height); height++)
        {
            if (!honest.Any(n => n.Store.IsWhole(height)))
            {
                return false;
            }
        }
        return true;
    }
}
