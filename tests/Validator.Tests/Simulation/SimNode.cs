using EventLedger.Validator.Network;
using EventLedger.Validator.Network.Wire;
using EventLedger.Validator.Node;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace EventLedger.Validator.Tests.Simulation;

/// <summary>One machine: the production node, its disk, its store and its clock. It dies at any effect and comes back with what its disk kept.</summary>
internal sealed partial class SimNode : IOutside
{
    private readonly Simulation sim;
    private readonly HashSet<long> handed = [];
    private int crashIn = -1;
    private int mended;

    public SimNode(Simulation sim, int index, bool isTraitor)
    {
        (this.sim, Index, IsTraitor) = (sim, index, isTraitor);
        Store = new(Effect, block => sim.Checker.Stored(this, block));
        SimClock = new(() => sim.NowUs);
        Log = new(this);
        Traitor = isTraitor ? new(sim, this) : null;
        held.Add(now = Made(sim.Keys.Seat(index, 0)));
    }

    public int Index { get; }

    public bool IsTraitor { get; }

    public Traitor? Traitor { get; }

    public SimStore Store { get; }

    public SimClock SimClock { get; }

    public SimLog Log { get; }

    public TimeProvider Clock => SimClock;

    public Validator.Node.Node? Node { get; private set; }

    /// <summary>Counts starts, so that what was meant for an earlier life stays without effect.</summary>
    public int Life { get; private set; }

    public bool IsUp => Node is not null;

    /// <summary>Stopped for good: the rest that stays dead after healing.</summary>
    public bool IsDead { get; set; }

    public long PausedUntilUs { get; set; }

    /// <summary>The highest height at which it had signed when its guard was lost or set back; until it is past it, the guard counts as lost. 0: it is not.</summary>
    public long Tainted { get; set; }

    /// <summary>The last life before it came back with a guard of an earlier time; what it signed up to then its disk may not know. 0: it never did, or knows of none.</summary>
    public int OldLife { get; set; }

    /// <summary>A backup of the whole directory, taken at some time.</summary>
    public (IReadOnlyDictionary<string, IReadOnlyDictionary<string, byte[]>> Guards, List<SimRow?> Blocks)? Backup { get; set; }

    /// <summary>How many things it did in this life that a crash could come before.</summary>
    public int Effects { get; private set; }

    /// <summary>Before which effect of its first life it dies; null for none.</summary>
    public int? DiesAt { get; set; }

    /// <summary>Lets the process die some effects from now.</summary>
    public void CrashIn(int effects) => crashIn = effects;

    public void Start()
    {
        Life++;
        (crashIn, mended, Effects) = (Life == 1 ? DiesAt ?? -1 : -1, 0, 0);
        handed.Clear();
        sim.Trail.Note(sim.NowUs, "start", Index, Life, Store.Height);
        sim.Checker.Starts(this);
        Guarded(() =>
        {
            OpenAll();
            var node = new Validator.Node.Node(sim.Keys.Genesis, Open(now), Store, sim.Timeouts, this, Log)
            {
                Applied = (state, rule) => sim.Checker.Applied(this, state, rule), KeyIn = KeyIn, Moved = Moved, Seeds = sim.SeedsOf(this),
            };
            node.Misbehaved += evidence => sim.Checker.Found(this, evidence);
            node.Start();
            Node = node;
        });
        if (IsUp)
        {
            sim.Checker.Began(this);
        }
    }

    /// <summary>The process is gone, at once.</summary>
    public void Stop()
    {
        Node = null;
        crashIn = -1;
    }

    /// <summary>Whether a host has handed it, in this life, what follows its head: it had to keep what did so when it came, and said that it keeps what did not yet.</summary>
    public bool HoldsBatch => handed.Contains(Node!.Status.Size + 1);

    public void Handle(NodeInput input) => Guarded(() =>
    {
        var brought = input is NodeInput.Brought { Answer: not null } b ? b : null;
        if (brought?.Batch.First == Node!.Status.Size + 1)
        {
            handed.Add(brought.Batch.First);
        }
        Node.Handle(input);
        if (brought is { Answer.Task.Result: null })
        {
            handed.Add(brought.Batch.First);
        }
        sim.Checker.Stepped(this);
        if (input is NodeInput.Tick)
        {
            sim.Checker.Ticked(this);
        }
        while (mended < Node.Mended.Count)
        {
            mended++;
            sim.Tally.Count("repair");
        }
    });

    /// <summary>Runs something in this process; a crash in it is the process's end.</summary>
    public void Guarded(Action action)
    {
        try
        {
            action();
        }
        catch (CrashException)
        {
            sim.Tally.Count(Fault.CrashInEffect);
            sim.Crash(this);
        }
        catch (IOException)
        {
            // What a failed flush must lead to: the process stops, and nothing that depended on it has left.
            sim.Tally.Count(Fault.FlushFails);
            sim.Crash(this);
        }
        catch (Exception e) when (sim.IsExpected(this, e))
        {
            sim.Crash(this);
        }
    }

    public void After(TimeSpan time, NodeInput input)
    {
        if (input is NodeInput.Fired timer)
        {
            sim.Checker.Waits(this, timer, time);
        }
        sim.Post(this, (long)time.TotalMicroseconds, input);
    }

    public void Offload(Func<Task<NodeInput?>> work) => sim.Run(this, sim.Dice.Between(20, 3000), () =>
    {
        // Everything that the simulator offers to such work is done at once, so its task is complete.
        if (work().GetAwaiter().GetResult() is { } result)
        {
            Handle(result);
        }
    });

    public Task<CheckedBatch?> Read(IReadOnlyList<ReadOnlyMemory<byte>> entries, IReadOnlyList<ReadOnlyMemory<byte>> sidecars) => Task.FromResult(sim.Host.Read(entries, sidecars));

    public void Send(string kid, PeerMessage message)
    {
        if (sim.IndexOf(kid) is { } to && sim.Network.Name(Index, to) == kid)
        {
            if (!IsTraitor)
            {
                sim.Checker.Said(this, message);
            }
            Send(to, message, null);
        }
    }

    // Trust is kept by the process's reader, which stands before the loop; here only honest nodes must never lose any.
    public void Blame(string kid, PeerFault fault) => sim.Checker.Blamed(this, kid, fault);

    public bool HasBlock(string kid) => false;

    public void Broadcast(PeerMessage message)
    {
        var envelope = Traitor is null ? new Envelope(message.ToByteArray()) : null;
        if (!IsTraitor)
        {
            sim.Checker.Said(this, message);
        }
        for (var to = 0; to < sim.Plan.Machines; to++)
        {
            if (to != Index && sim.Network.Name(Index, to) is not null)
            {
                Send(to, message, envelope);
            }
        }
    }

    private void Send(int to, PeerMessage message, Envelope? envelope)
    {
        Effect();
        if (sim.Plan.ForgetsGuards && message.BodyCase == PeerMessage.BodyOneofCase.Votes)
        {
            sim.Network.Send(Index, to, new(new PeerMessage { Votes = new() { Kid = message.Votes.Kid } }.ToByteArray()));
        }
        else if (Traitor is null)
        {
            sim.Network.Send(Index, to, envelope ?? new(message.ToByteArray()));
        }
        else
        {
            Traitor.Send(to, message);
        }
    }

    private void Effect()
    {
        Effects++;
        if (crashIn >= 0 && --crashIn < 0)
        {
            throw new CrashException();
        }
    }

    /// <summary>Counts what the node says to its operator, and keeps it for a replay.</summary>
    internal sealed class SimLog(SimNode node) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var text = formatter(state, exception);
            if (text.Contains(" signed two different ", StringComparison.Ordinal))
            {
                node.sim.Checker.Accused(node, text);
            }
            node.sim.Trail.Say(node.sim.NowUs, node.Index, text);
        }
    }
}
