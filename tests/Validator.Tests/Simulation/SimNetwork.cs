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
    private readonly bool[,] cut = new bool[sim.Plan.Count, sim.Plan.Count];
    private readonly long[,] newest = new long[sim.Plan.Count, sim.Plan.Count];

    public bool IsHealed { get; private set; }

    public void Send(int from, int to, Envelope message)
    {
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
        var lone = sim.Dice.Below(sim.Plan.Count);
        bool IsLeft(int i) => isLone ? i == lone : ((side >> i) & 1) == 1;
        for (var from = 0; from < sim.Plan.Count; from++)
        {
            for (var to = 0; to < sim.Plan.Count; to++)
            {
                cut[from, to] |= IsLeft(from) != IsLeft(to) && (!isOneWay || IsLeft(from));
            }
        }
        sim.Tally.Count(isOneWay ? Fault.OneWay : Fault.Partition);
    }

    /// <summary>Joins everything again; streams that were cut open anew.</summary>
    public void Join()
    {
        for (var from = 0; from < sim.Plan.Count; from++)
        {
            for (var to = 0; to < sim.Plan.Count; to++)
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
        for (var peer = 0; peer < sim.Plan.Count; peer++)
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
        if (node.IsUp && peer.IsUp && !cut[from, to])
        {
            sim.Post(node, sim.Dice.Between(1_000, 200_000), new NodeInput.Opened(peer.Kid));
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
            var said = message.Open();
            sim.Trail.Note(sim.NowUs, "hears", to, from, said);
            node.Traitor?.Hear(from, said);
            sim.Checker.Heard(node, sim.Nodes[from], said);
            node.Handle(new NodeInput.Said(sim.Nodes[from].Kid, said));
        });
    }
}
