using EventLedger.Validator.Network.Wire;
using EventLedger.Validator.Node;

namespace EventLedger.Validator.Tests.Simulation;

/// <summary>A message on the wire: the bytes that the production code writes, read by the production code once for all who receive them.</summary>
internal sealed class Envelope(byte[] bytes)
{
    private PeerMessage? read;

    public PeerMessage Open() => read ??= PeerMessage.Parser.ParseFrom(bytes);
}

/// <summary>The wires between the machines: each message may be lost, late, doubled or overtaken, and each direction may be cut.</summary>
internal sealed class SimNetwork(Simulation sim)
{
    private const int DelayMinUs = 300;
    private readonly bool[,] cut = new bool[sim.Plan.Machines, sim.Plan.Machines];
    private readonly long[,] newest = new long[sim.Plan.Machines, sim.Plan.Machines];

    private readonly string?[,] names = new string?[sim.Plan.Machines, sim.Plan.Machines];

    public bool IsHealed { get; private set; }

    /// <summary>By which key a machine knows another, as its ledger says; null when it takes it for a stranger. Where the set never changes all know each other.</summary>
    public string? Name(int at, int of) => sim.Plan.ChangesSet ? names[at, of] : sim.Nodes[of].Kid;

    /// <summary>Whether a stream between two can be: each must know the other.</summary>
    public bool Knows(int one, int other) => Name(one, other) is not null && Name(other, one) is not null;

    /// <summary>The ledger as a machine has it names others, or another key of its own: who goes by another key now opens its stream anew.</summary>
    public void Moved(SimNode node)
    {
        for (var peer = 0; sim.Plan.ChangesSet && peer < sim.Plan.Machines; peer++)
        {
            var (other, before) = (sim.Nodes[peer], (names[node.Index, peer], names[peer, node.Index]));
            names[node.Index, peer] = node.Roster.KidOf.GetValueOrDefault(other.Seat.Transport);
            names[peer, node.Index] = other.Roster.KidOf.GetValueOrDefault(node.Seat.Transport);
            if (peer != node.Index && before != (names[node.Index, peer], names[peer, node.Index]))
            {
                Open(node.Index, peer);
                Open(peer, node.Index);
            }
        }
    }

    public void Send(int from, int to, Envelope message)
    {
        if (!Knows(from, to))
        {
            return;
        }
        if (cut[from, to])
        {
            sim.Tally.Count(Fault.Cut);
            return;
        }
        if (IsHealed || sim.Plan.IsCalm)
        {
            Deliver(from, to, message, sim.Dice.Between(DelayMinUs, 5_000));
            return;
        }
        if (sim.Dice.Chance(sim.Plan.Loss))
        {
            sim.Tally.Count(Fault.Drop);
            return;
        }
        Deliver(from, to, message, Delay());
        if (sim.Dice.Chance(sim.Plan.Duplicates))
        {
            sim.Tally.Count(Fault.Duplicate);
            Deliver(from, to, message, Delay());
        }
    }

    /// <summary>Cuts two halves apart, or one direction between them.</summary>
    public void Part(bool isOneWay)
    {
        var side = sim.Dice.Next();
        var isLone = sim.Dice.Chance(400);
        var lone = sim.Dice.Below(sim.Plan.Machines);
        bool IsLeft(int i) => isLone ? i == lone : ((side >> i) & 1) == 1;
        for (var from = 0; from < sim.Plan.Machines; from++)
        {
            for (var to = 0; to < sim.Plan.Machines; to++)
            {
                cut[from, to] |= IsLeft(from) != IsLeft(to) && (!isOneWay || IsLeft(from));
            }
        }
        sim.Tally.Count(isOneWay ? Fault.OneWay : Fault.Partition);
    }

    /// <summary>Joins everything again; streams that were cut open anew.</summary>
    public void Join()
    {
        for (var from = 0; from < sim.Plan.Machines; from++)
        {
            for (var to = 0; to < sim.Plan.Machines; to++)
            {
                if (cut[from, to])
                {
                    cut[from, to] = false;
                    Open(from, to);
                }
            }
        }
    }

    /// <summary>From here on nothing is lost and little is late.</summary>
    public void Heal()
    {
        IsHealed = true;
        Join();
    }

    /// <summary>A machine came up: the streams from and to it open.</summary>
    public void Came(int node)
    {
        for (var peer = 0; peer < sim.Plan.Machines; peer++)
        {
            if (peer != node)
            {
                Open(node, peer);
                Open(peer, node);
            }
        }
    }

    private void Open(int from, int to)
    {
        var (node, peer) = (sim.Nodes[from], sim.Nodes[to]);
        if (node.IsUp && peer.IsUp && !cut[from, to] && Knows(from, to))
        {
            sim.Run(node, sim.Dice.Between(1_000, 200_000), () =>
            {
                if (Knows(from, to))
                {
                    node.Handle(new NodeInput.Opened(Name(from, to)!));
                }
            });
        }
    }

    private long Delay()
    {
        var most = sim.Plan.DelayMaxMs * 1000L;
        if (!sim.Dice.Chance(20))
        {
            return sim.Dice.Between(DelayMinUs, Math.Max(DelayMinUs, most / 4));
        }
        sim.Tally.Count(Fault.Delay);
        return sim.Dice.Between(most, 4 * most);
    }

    private void Deliver(int from, int to, Envelope message, long delayUs)
    {
        var at = sim.NowUs + delayUs;
        if (at < newest[from, to])
        {
            sim.Tally.Count(Fault.Reorder);
        }
        newest[from, to] = Math.Max(newest[from, to], at);
        var node = sim.Nodes[to];
        sim.Run(node, delayUs, () =>
        {
            if (!Knows(from, to))
            {
                return;
            }
            var said = message.Open();
            sim.Trail.Note(sim.NowUs, "hears", to, from, said);
            node.Traitor?.Hear(from, said);
            sim.Checker.Heard(node, sim.Nodes[from], said);
            node.Handle(new NodeInput.Said(Name(to, from)!, said));
        });
    }
}
