namespace EventLedger.Validator.Tests.Simulation;

/// <summary>The storm, and what comes after it.</summary>
internal sealed partial class Simulation
{
    private const long FaultEveryUs = 250_000;
    private List<SimNode> core = [];
    private long owed;

    /// <summary>From healing to the last decision that is owed: each dead or false proposer costs one round of three capped timeouts.</summary>
    private long LimitUs => (3 * (Plan.Count + 3) * (long)Timeouts.Cap.TotalMicroseconds) + 60_000_000;

    private bool IsOver() => core.All(n => n.IsTraitor || (n.IsUp && n.Store.Height >= owed));

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
                node.Backup = (node.Disk.Copy(), node.Store.Copy());
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
            case Fault.FlushFails: node.Disk.FailsNext = true; break;
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
        var others = Nodes.Count(n => n != node && !n.IsTraitor && n.Store.IsWhole(height));
        if (!node.IsTraitor && others > (Plan.Count - 1) / 3)
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
                    node.Disk.Wipe();
                    node.Store.Wipe();
                    break;
                case Fault.OldDirectory when node.Backup is { } backup:
                    node.Disk.Restore(backup.Disk);
                    node.Store.Restore(backup.Blocks);
                    break;
                case Fault.OldGuard when node.Backup is { } backup: node.Disk.Restore(backup.Disk); break;
                case Fault.WalFlip when node.Disk.Flip("wal", Dice): break;
                default: continue;
            }
            Tally.Count(fault);
            Trail.Note(NowUs, fault.ToString(), node.Index);
            node.OldLife = fault == Fault.Wipe ? 0 : node.Life;
            node.Tainted = Math.Max(1, Checker.HighestSigned(node));
            return;
        }
    }

    private bool MayLose(SimNode node)
    {
        var lost = Nodes.Where(n => n == node || n.IsTraitor || n.Tainted > 0).Sum(PowerOf);
        return 3 * lost < Keys.Genesis.Set.Power || Plan.ExceedsGuards;
    }

    private long PowerOf(SimNode node) => Keys.Genesis.Set.Members[node.Index].Power;

    // The network is whole, clocks are right, and a core that can decide lives; the rest stays dead. False when there is no such core.
    private bool Heal()
    {
        Trail.Note(NowUs, "heal", 0);
        var able = Nodes.Where(n => !n.IsTraitor && n.Tainted == 0).ToList();
        if (!Keys.Genesis.Set.IsQuorum(able.Sum(PowerOf)))
        {
            Tally.Count("halt by lost guards");
            return false;
        }
        var dead = new List<SimNode>();
        foreach (var node in Nodes.OrderBy(_ => Dice.Next()).ToList())
        {
            // Every block must be somewhere in the core, and its power must do without whoever dies.
            var rest = Nodes.Where(n => n != node && !dead.Contains(n)).ToList();
            if (Dice.Chance(700) && Keys.Genesis.Set.IsQuorum(rest.Where(able.Contains).Sum(PowerOf)) && HoldsAll(rest))
            {
                dead.Add(node);
            }
        }
        foreach (var node in dead)
        {
            node.Stop();
            node.IsDead = true;
        }
        core = [.. Nodes.Where(n => !dead.Contains(n))];
        // Time in blocks never goes back: clocks that had run ahead together cannot be set behind the chain.
        var ahead = Math.Max(0, Checker.HeadTimeMs - WallMs);
        foreach (var node in core)
        {
            (node.PausedUntilUs, node.Disk.FailsNext, node.SimClock.OffsetMs) = (0, false, ahead + Dice.Between(-1000, 1000));
            node.CrashIn(-1);
        }
        Network.Heal();
        foreach (var node in core.Where(n => !n.IsUp))
        {
            Restart(node);
        }
        owed = Checker.Healed(core);
        Host.BeSilent(0);
        return true;
    }

    private static bool HoldsAll(List<SimNode> nodes)
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
