using EventLedger.Validator.Consensus;
using EventLedger.Validator.Node;

namespace EventLedger.Validator.Tests.Simulation;

/// <summary>
/// One run from one seed: production nodes on virtual time in a storm of faults, then a healed core from which progress is owed. All chance
/// comes from one <see cref="Simulation.Dice"/>, all time from one queue of events, so a seed replays bit for bit.
/// </summary>
internal sealed partial class Simulation : IDisposable
{
    private readonly PriorityQueue<Event, long> events = new();
    private readonly Dictionary<string, SimSeat> seats = [];
    private long order;

    public Simulation(ulong seed, Func<Plan, Plan>? change = null, TextWriter? words = null)
    {
        (Seed, Dice, Trail) = (seed, new(seed), new(words));
        var drawn = Plan.Draw(Dice);
        Plan = change?.Invoke(drawn) ?? drawn;
        Keys = SimKeys.Of(Plan.Count, Plan.IsSkewed, Plan.ChangesSet);
        (Network, Host, Checker) = (new(this), new(this), new(this));
        var traitors = DrawTraitors();
        for (var i = 0; i < Plan.Machines; i++)
        {
            Register(Keys.Seat(i, 0));
            Nodes.Add(new(this, i, traitors.Contains(i)));
        }
        Members = Plan.ChangesSet ? new(this) : null;
    }

    public ulong Seed { get; }

    public Dice Dice { get; }

    public Plan Plan { get; }

    public Trail Trail { get; }

    public Tally Tally { get; } = new();

    public SimKeys Keys { get; }

    public SimNetwork Network { get; }

    public SimHost Host { get; }

    public Checker Checker { get; }

    /// <summary>Who changes the validator set; null where nobody does.</summary>
    public SimMembers? Members { get; }

    public List<SimNode> Nodes { get; } = [];

    /// <summary>As the product's, but shorter at the start, so that a storm sees more rounds.</summary>
    public Timeouts Timeouts { get; } = ValidatorServer.Timeouts;

    public long NowUs { get; private set; }

    /// <summary>The time that a right clock shows, in ms since 1970.</summary>
    public long WallMs => new SimClock(() => NowUs).GetUtcNow().ToUnixTimeMilliseconds();

    public int? IndexOf(string kid) => seats.TryGetValue(kid, out var seat) ? seat.Machine : null;

    /// <summary>Keys that were made for a machine.</summary>
    public void Register(SimSeat seat) => seats[seat.Kid] = seat;

    public ISignatures SignaturesBy(string kid) => SimKeys.Signatures(seats[kid], Plan.IsReal);

    public ISignatures SignaturesOf(SimNode node) => SignaturesBy(node.Kid);

    public int Rate(Fault fault) => Network.IsHealed ? 0 : Plan.Rates.GetValueOrDefault(fault);

    /// <summary>Brings an input to a node some time from now, if it still lives then.</summary>
    public void Post(SimNode node, long delayUs, NodeInput input) => Run(node, delayUs, () => node.Handle(input));

    /// <summary>Runs something in a node's process some time from now, if it still lives then; later when the process is paused.</summary>
    public void Run(SimNode node, long delayUs, Action action) => events.Enqueue(new(node, node.Life, action), Key(delayUs));

    public void At(long delayUs, Action action) => events.Enqueue(new(null, 0, action), Key(delayUs));

    /// <summary>The power is cut under a node; it comes back after a while.</summary>
    public void Crash(SimNode node)
    {
        node.Stop();
        Checker.Died(node);
        var harmed = node.CutPower();
        Tally.Count(Fault.LostWrite, harmed);
        Trail.Note(NowUs, "crash", node.Index, harmed);
        At(Network.IsHealed ? 100_000 : Dice.Between(50_000, 10_000_000), () => Restart(node));
    }

    /// <summary>Runs to the end; null when all held, else what did not.</summary>
    public string? Run()
    {
        Begin();
        while (NowUs < Plan.StormUs && Checker.Violation is null && Step())
        {
        }
        if (Checker.Violation is null && Heal())
        {
            var limit = NowUs + LimitUs;
            while (NowUs < limit && !IsOver() && Checker.Violation is null && Step())
            {
            }
            // A rotten log raises its doubt only when a peer tells: a core in which too few may sign has halted, as one whose guards are lost.
            var observers = core.Where(n => n.Node?.Status.IsObserving == true).ToList();
            if (!IsOver() && observers.Count > 0 && observers.TrueForAll(n => n.OldLife > 0) && !Checker.SetAt(owed).IsQuorum(core.Except(observers).Where(n => !n.IsTraitor).Sum(n => PowerOf(n, Checker.SetAt(owed)))))
            {
                Tally.Count("halt by lost guards");
            }
            else if (!IsOver())
            {
                Checker.Fail($"No decision within {LimitUs / 1_000_000} s after healing: {string.Join(", ", core.Select(n => $"v{n.Index} {n.Node?.State} {n.Node?.Status}"))}");
            }
        }
        (Tally.Seeds, Tally.Heights, Tally.SimulatedUs) = (1, Checker.Height, NowUs);
        return Checker.Violation;
    }

    /// <summary>Everybody is about to start; <see cref="Step"/> does what comes next.</summary>
    public void Begin()
    {
        // Who is no validator yet begins when it is invited.
        foreach (var node in Nodes.Take(Plan.Count))
        {
            At(Plan.IsCalm ? 0 : Dice.Below(2_000_000), () => Restart(node));
        }
        At(100_000, Hand);
        At(FaultEveryUs, Disturb);
    }

    /// <summary>A machine comes back; for a test that changes what it finds.</summary>
    public Action<SimNode> Returning { get; set; } = _ => { };

    public bool IsExpected(SimNode node, Exception e)
    {
        if (!node.IsTraitor)
        {
            Checker.Fail($"v{node.Index} stopped: {e}");
        }
        return true;
    }

    public void Dispose() => Trail.Dispose();

    /// <summary>Does the next thing; false when there is none.</summary>
    public bool Step()
    {
        if (!events.TryDequeue(out var next, out var key))
        {
            return false;
        }
        NowUs = key >> OrderBits;
        if (next.Node is not { } node)
        {
            next.Action();
        }
        else if (node.IsUp && node.Life == next.Life)
        {
            if (node.PausedUntilUs > NowUs)
            {
                events.Enqueue(next, Key(node.PausedUntilUs - NowUs));
            }
            else
            {
                node.Guarded(next.Action);
            }
        }
        return true;
    }

    private const int OrderBits = 21;

    private long Key(long delayUs) => ((NowUs + delayUs) << OrderBits) | (order++ & ((1 << OrderBits) - 1));

    private void Hand()
    {
        Host.Work();
        At(Network.IsHealed ? 300_000 : Plan.HostEveryMs * 1000L, Hand);
    }

    private void Restart(SimNode node)
    {
        if (node.IsUp || node.IsDead)
        {
            return;
        }
        if (!Network.IsHealed)
        {
            Damage(node);
        }
        if (node.Life > 0)
        {
            Returning(node);
        }
        node.Start();
        if (node.IsUp)
        {
            Network.Came(node.Index);
            Run(node, Dice.Below(250_000), () => Tick(node));
        }
    }

    private void Tick(SimNode node)
    {
        node.Handle(new NodeInput.Tick());
        Run(node, (long)NodeLoop.TickEvery.TotalMicroseconds, () => Tick(node));
    }

    private HashSet<int> DrawTraitors()
    {
        var (traitors, power) = (new HashSet<int>(), 0L);
        for (var tries = 0; traitors.Count < Plan.Traitors && tries < 3 * Plan.Count; tries++)
        {
            var (i, set) = (Dice.Below(Plan.Count), Keys.Genesis.Set);
            var more = power + set.Members[i].Power;
            if (!traitors.Contains(i) && (3 * more < set.Power || IsOverrun))
            {
                power = more;
                traitors.Add(i);
            }
        }
        if (Plan.ChangesSet && Dice.Chance(150))
        {
            traitors.Add(Plan.Count);
        }
        return traitors;
    }

    // A test that shows that the checker is alive asks for more traitors than the algorithm bears.
    private bool IsOverrun => Plan.Traitors > (Plan.Count - 1) / 3;

    private readonly record struct Event(SimNode? Node, int Life, Action Action);
}
