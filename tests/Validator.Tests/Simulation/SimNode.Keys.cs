using EventLedger.Domain.Ledger;
using EventLedger.Validator.Network;
using EventLedger.Validator.Node;
using EventLedger.Validator.Storage;

namespace EventLedger.Validator.Tests.Simulation;

/// <summary>The keys of a machine, each with a directory of its own for guard and log, as a validator's first keys and its rotations have.</summary>
internal sealed partial class SimNode
{
    private readonly List<Held> held = [];

    /// <summary>Id of the consensus key in use.</summary>
    public string Kid => now.Seat.Kid;

    /// <summary>The keys in use.</summary>
    public SimSeat Seat => now.Seat;

    /// <summary>Ids of all consensus keys that were ever here.</summary>
    public IReadOnlyList<string> Kids => kids;

    /// <summary>Whom the node talks with; empty before it first ran.</summary>
    public Roster Roster { get; private set; } = Roster.Empty;

    /// <summary>The directory of the first keys.</summary>
    public SimDisk Disk => held[0].Disk;

    private readonly List<string> kids = [];
    private Held now;

    /// <summary>Whether it has a seat in a set.</summary>
    public bool IsIn(ValidatorSet set) => kids.Exists(kid => set.Find(kid) is not null);

    /// <summary>New keys are made here, beside those that it has; they are found when the ledger names them.</summary>
    public void Receive(SimSeat seat) => held.Add(Made(seat));

    /// <summary>A new installation: nothing of what was here before is left.</summary>
    public void Install(SimSeat seat)
    {
        Stop();
        Store.Wipe();
        held.Clear();
        held.Add(now = Made(seat));
        (Backup, Tainted, OldLife, Roster) = (null, 0, 0, Roster.Empty);
    }

    public void FailFlush() => now.Disk.FailsNext = true;

    public void Mend() => held.ForEach(h => h.Disk.FailsNext = false);

    public int CutPower() => held.Sum(h => h.Disk.Crash(sim.Dice));

    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, byte[]>> CopyGuards() => held.ToDictionary(h => h.Seat.Kid, h => h.Disk.Copy());

    public void WipeGuards() => held.ForEach(h => h.Disk.Wipe());

    public void RestoreGuards(IReadOnlyDictionary<string, IReadOnlyDictionary<string, byte[]>> copy)
    {
        foreach (var keys in held.Where(h => copy.ContainsKey(h.Seat.Kid)))
        {
            keys.Disk.Restore(copy[keys.Seat.Kid]);
        }
    }

    public bool FlipLog() => now.Disk.Flip("wal", sim.Dice);

    // The one who makes keys is another process, which no crash of this one ends.
    private Held Made(SimSeat seat)
    {
        var made = new Held(seat, new(Effect));
        var was = crashIn;
        crashIn = -1;
        VoteLog.WriteFirst(made.Disk);
        crashIn = was;
        kids.Add(seat.Kid);
        return made;
    }

    private Signer Open(Held keys)
    {
        if (keys.Signer is null)
        {
            var log = VoteLog.TryOpen(keys.Disk, sim.Plan.WalBytesMax);
            if (log?.Frames.Count > 0)
            {
                sim.Tally.Count("restart from the log");
            }
            keys.Signer = new(sim.Keys.Genesis.Chain, sim.SignaturesBy(keys.Seat.Kid), keys.Disk, log);
        }
        return keys.Signer;
    }

    private void OpenAll()
    {
        held.ForEach(h => h.Signer = null);
        held.ForEach(h => Open(h));
        now = held[0];
    }

    private Signer? KeyIn(ValidatorSet set) => held.Find(h => set.Find(h.Seat.Kid) is not null) is { } found ? Open(found) : null;

    private void Moved(Roster roster, string kid)
    {
        if (kid != Kid)
        {
            now = held.Find(h => h.Seat.Kid == kid)!;
            sim.Checker.Rekeyed(this);
        }
        Roster = roster;
        sim.Network.Moved(this);
    }

    private sealed class Held(SimSeat seat, SimDisk disk)
    {
        public SimSeat Seat => seat;

        public SimDisk Disk => disk;

        public Signer? Signer { get; set; }
    }
}
