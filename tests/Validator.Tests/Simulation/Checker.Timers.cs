using EventLedger.Validator.Node;
using Step = EventLedger.Validator.Consensus.Step;

namespace EventLedger.Validator.Tests.Simulation;

/// <summary>
/// What keeps a validator from waiting for ever, and the others from waiting for it: whoever leaves a step has signed its vote; whoever waits for a proposal has set a timer in this life, and a timer for it runs one second, half a
/// second more each round, ten at the most, and one for votes half as long. Reckoned here anew, for a node that asks itself agrees with itself.
/// </summary>
internal sealed partial class Checker
{
    private const int UnsaidTicksMax = 12;
    private readonly Dictionary<int, ((long Height, int Round, Step Step, int Life) Place, int Ticks)> unsaid = [];
    private readonly Dictionary<int, HashSet<(long Height, int Round, Step Step)>> timers = [];

    /// <summary>A process starts: the timers of the one before are gone with it.</summary>
    public void Starts(SimNode node) => (timers[node.Index], headAtUs[node.Index]) = ([], sim.NowUs);

    /// <summary>A node begins a life; what it knew in the one before is no measure.</summary>
    public void Began(SimNode node)
    {
        last.Remove(node.Index);
        LookForTimer(node);
    }

    /// <summary>A node sets a timer.</summary>
    public void Waits(SimNode node, NodeInput.Fired timer, TimeSpan time)
    {
        var owed = TimeSpan.FromMilliseconds(Math.Min(1000 + (500L * timer.Round), 10_000) / (timer.Step == Step.Propose ? 1 : 2));
        if (time != owed)
        {
            Fail($"v{node.Index} waits {time.TotalMilliseconds} ms for the {timer.Step} of round {timer.Round}, not {owed.TotalMilliseconds}");
        }
        timers[node.Index].Add((timer.Height, timer.Round, timer.Step));
    }

    /// <summary>
    /// A node's time passes: within a few ticks it has said again what a crash may have cut off. Whose guard or log was lost may have signed later things
    /// already, and whoever looks on signs nothing.
    /// </summary>
    public void Ticked(SimNode node)
    {
        var (now, status) = (node.Node!.State, node.Node.Status);
        if (sim.Network.IsHealed)
        {
            Recovered(node);
        }
        if (node.IsTraitor || node.Tainted > 0 || status.IsObserving || status.Height >= now.Height || now.Step is not (Step.Prevote or Step.Precommit)
            || signed.ContainsKey((node.Index, now.Height, now.Round, now.Step)))
        {
            unsaid.Remove(node.Index);
            return;
        }
        var (place, ticks) = unsaid.GetValueOrDefault(node.Index);
        var here = (now.Height, now.Round, now.Step, node.Life);
        unsaid[node.Index] = (here, place == here ? ticks + 1 : 1);
        if (place == here && ticks == UnsaidTicksMax)
        {
            Fail($"v{node.Index} is past the {now.Step} of height {now.Height}, round {now.Round}, and has signed none");
        }
    }

    private void LookForTimer(SimNode node)
    {
        if (node.Node!.State is { Step: Step.Propose } now && !timers[node.Index].Contains((now.Height, now.Round, Step.Propose)))
        {
            Fail($"v{node.Index} waits for a proposal of height {now.Height}, round {now.Round}, and no timer runs");
        }
    }
}
