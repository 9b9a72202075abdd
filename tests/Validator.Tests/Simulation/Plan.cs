namespace EventLedger.Validator.Tests.Simulation;

/// <summary>
/// What one run is: how many validators, and which faults at which rate. Each run draws its own (a swarm): a fault that is always there hides
/// what happens without it. Rates are per mille for each chance.
/// </summary>
internal sealed record Plan
{
    public required int Count { get; init; }

    public required bool IsSkewed { get; init; }

    /// <summary>Real P-256 instead of tags.</summary>
    public required bool IsReal { get; init; }

    public required int Traitors { get; init; }

    public required long StormUs { get; init; }

    public required int HostEveryMs { get; init; }

    public required int WalBytesMax { get; init; }

    /// <summary>Validators join, leave and change their keys on the way.</summary>
    public bool ChangesSet { get; init; }

    /// <summary>Traitors may leave a value that they precommitted for another one in a later round, whether or not anything allows it.</summary>
    public bool HasForgetfulTraitors { get; init; }

    /// <summary>Traitors lie about their heads to whoever asks what its key has signed.</summary>
    public bool HasHeadLies { get; init; }

    /// <summary>All machines: those of the genesis file and, where the set changes, one more.</summary>
    public int Machines => Count + (ChangesSet ? 1 : 0);

    /// <summary>More guards may be lost at once than the algorithm bears: then it may halt, and must not do worse.</summary>
    public bool ExceedsGuards { get; init; }

    /// <summary>Broken on purpose: whoever dies comes back with the guard of a new key, and nobody tells it what it has signed.</summary>
    public bool ForgetsGuards { get; init; }

    /// <summary>The traitors act as one: they divide the honest in two and help each half to a block of its own.</summary>
    public bool IsPlot { get; init; }

    /// <summary>No network faults at all, for tests that look at one thing.</summary>
    public bool IsCalm { get; init; }

    public int Loss { get; init; }

    public int Duplicates { get; init; }

    public int DelayMaxMs { get; init; }

    /// <summary>For each kind of fault its chance in each quarter second.</summary>
    public required IReadOnlyDictionary<Fault, int> Rates { get; init; }

    /// <summary>A run with all the faults that chance gives it.</summary>
    public static Plan Draw(Dice dice)
    {
        var size = dice.Below(1000);
        var count = size switch { < 400 => 4, < 550 => 5, < 680 => 6, < 900 => 7, < 985 => 10, _ => 31 };
        var rates = new Dictionary<Fault, int>();
        // All that had a rate at the time are drawn whether or not they are used, so that one more kind does not change the others.
        foreach (var fault in Enum.GetValues<Fault>().Where(f => f < Fault.TraitorForgets))
        {
            var (isOn, strength) = (dice.Chance(500), dice.Below(100));
            if (isOn && Most(fault) is > 0 and var most)
            {
                rates[fault] = 1 + (most * strength / 100);
            }
        }
        var (isSkewed, isReal) = (dice.Chance(300), dice.Chance(count <= 7 ? 20 : 0));
        return new()
        {
            Count = count,
            IsSkewed = isSkewed,
            IsReal = isReal,
            Traitors = Math.Max(0, dice.Below(((count - 1) / 3) + 2) - 1),
            // What takes long gets less time, or it would take all of it.
            StormUs = (count == 31 || isReal ? dice.Between(30, 60) : dice.Between(120, 600)) * 1_000_000,
            HostEveryMs = (int)dice.Between(500, 9000),
            WalBytesMax = dice.Chance(500) ? 8 << 20 : 4096,
            ExceedsGuards = dice.Chance(30),
            Loss = dice.Chance(600) ? dice.Below(300) : 0,
            Duplicates = dice.Chance(500) ? dice.Below(300) : 0,
            DelayMaxMs = dice.Below(4) switch { 0 => 5, 1 => 50, 2 => 400, _ => 2000 },
            Rates = rates,
            ChangesSet = dice.Aside(1).Chance(333),
            HasForgetfulTraitors = dice.Aside(2).Chance(500),
            HasHeadLies = dice.Aside(4).Chance(500),
        };
    }

    /// <summary>The run that a seed meant before there were as many kinds of trouble: what it found then it finds only so.</summary>
    public Plan AsBefore() => this with { ChangesSet = false, HasForgetfulTraitors = false, HasHeadLies = false };

    /// <summary>The same run of four honest validators, where nothing goes wrong.</summary>
    public Plan Calmed() => this with
    {
        Count = 4,
        IsSkewed = false,
        IsReal = false,
        Traitors = 0,
        ChangesSet = false,
        IsCalm = true,
        Loss = 0,
        Rates = new Dictionary<Fault, int>(),
        HostEveryMs = 1000,
        WalBytesMax = 8 << 20,
    };

    private static int Most(Fault fault) => fault switch
    {
        Fault.Crash => 40,
        Fault.FlushFails => 5,
        Fault.Partition or Fault.OneWay => 10,
        Fault.Pause => 20,
        Fault.ClockJump => 10,
        Fault.Wipe or Fault.OldDirectory or Fault.OldGuard => 200,   // At a restart.
        Fault.WalFlip => 100,
        Fault.StoreFlip => 20,
        Fault.HostSilent => 3,
        Fault.HostDiffers => 100,
        Fault.HostJunk => 100,
        _ => 0,
    };
}

/// <summary>What can go wrong.</summary>
internal enum Fault
{
    Drop, Delay, Duplicate, Reorder, Cut, Partition, OneWay, Crash, CrashInEffect, LostWrite, FlushFails, Wipe, OldDirectory, OldGuard, WalFlip, StoreFlip,
    ClockJump, Pause, HostSilent, HostDiffers, HostJunk, TraitorSilent, TraitorEquivocates, TraitorProposesTwice, TraitorLies, TraitorInvalid, TraitorWithholds,
    TraitorOldOrFuture, TraitorMakesEntries, TraitorForgets,
}
