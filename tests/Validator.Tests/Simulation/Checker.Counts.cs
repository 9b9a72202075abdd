using EventLedger.Domain.Ledger;
using EventLedger.Validator.Consensus;
using EventLedger.Validator.Network.Wire;
using EventLedger.Validator.Storage;
using Step = EventLedger.Validator.Consensus.Step;

namespace EventLedger.Validator.Tests.Simulation;

/// <summary>What was reached, and how fast the healed core decided.</summary>
internal sealed partial class Checker
{
    private readonly HashSet<int> roundsAfter = [];
    private readonly HashSet<int> emptyRounds = [];
    private readonly Dictionary<int, long> headAtUs = [];
    private readonly HashSet<string> accused = [];
    private readonly Dictionary<(int Node, long Height, int Round, Step Step), uint> hearers = [];
    private List<SimNode> core = [];
    private long firstOwed;
    private int? firstFair;

    /// <summary>
    /// In how many rounds the healed core must decide. Only a round counts that began when all of the core had caught up and might sign, and whose
    /// proposer is one of them and knows the newest polka that a correct voter knows: by L36 and L42 nobody learns of one once its round is over, so
    /// where a storm left a lock that the proposer has not heard of, the round can decide nothing and the turn must come to who knows it. Nor does a
    /// round count that its proposer entered with nothing to propose: the paper's getValue (L18) always has a value, here a host must bring it, and
    /// one that comes seldom, or to who is down, leaves rounds empty in which a peer's vote made the height begin.
    /// </summary>
    private const int RoundsOwed = 2;
    private const long HeartbeatUs = 60_000_000;
    private long sealedUs;

    /// <summary>What is counted when a node with an old guard signs otherwise than before, and too few were left who could have told.</summary>
    public const string Unseen = "forgot a vote that few saw";

    /// <summary>The longest time from the first validator that sealed a height to another that sealed it before the next one was there.</summary>
    public long LagUsMax { get; private set; }

    /// <summary>A node hands over evidence, which must prove what it says.</summary>
    public void Found(SimNode node, Evidence evidence)
    {
        var key = SetAt(evidence.Height).Find(evidence.Kid)?.Jwk;
        if (key is null || sim.Plan.IsReal && !(evidence.First.IsSignedBy(key, evidence.Chain, evidence.Height) && evidence.Second.IsSignedBy(key, evidence.Chain, evidence.Height)))
        {
            Fail($"v{node.Index} holds as evidence what v{sim.IndexOf(evidence.Kid)} has not signed: {evidence}");
        }
        // To leave a lock may be right: then the prevotes that allow it are handed over too, if they are here.
        sim.Tally.Count(evidence.Kind != EvidenceKind.Amnesia || (evidence.Answer is null && sim.Nodes[sim.IndexOf(evidence.Kid)!.Value].IsTraitor)
            ? $"evidence: {evidence.Kind}"
            : evidence.Answer is null ? "lock left, no reason known here" : "lock left with reason");
    }

    /// <summary>Notes a rule of the paper by its line; replay of a log counts nothing anew.</summary>
    public void Applied(SimNode node, RoundState s, RoundInput rule)
    {
        if (!node.IsUp || node.IsTraitor)
        {
            return;
        }
        switch (rule)
        {
            case RoundInput.NewRound n:
                sim.Tally.Count("L11");
                if (n.IsProposer && s.Valid is not null)
                {
                    sim.Tally.Count("L16");
                }
                Enter(node, s.Height, n.Round);
                Missed(s, n.Round);
                break;
            case RoundInput.OwnValue: sim.Tally.Count("L18"); break;
            case RoundInput.Fresh f: sim.Tally.Count(f.IsValid && (s.Locked is null || s.Locked.Value.Value == f.Value) ? "L22" : "L26"); break;
            case RoundInput.Reproposal r: Follow(s, r); break;
            case RoundInput.PolkaAny: sim.Tally.Count("L34"); break;
            case RoundInput.PolkaValue p:
                sim.Tally.Count(s.Step == Step.Prevote ? "L36" : "L42");
                if (s.Step == Step.Prevote && s.Locked is { } old && old.Value != p.Value)
                {
                    sim.Tally.Count("lock changed");
                }
                break;
            case RoundInput.PolkaNil: sim.Tally.Count("L44"); break;
            case RoundInput.PrecommitAny: sim.Tally.Count("L47"); break;
            case RoundInput.Commit c:
                sim.Tally.Count("L49");
                if (c.Round > 0)
                {
                    sim.Tally.Count("decided in a later round");
                }
                break;
            case RoundInput.Skip k when k.Round > s.Round:
                sim.Tally.Count("L55");
                sim.Tally.Count("round skip");
                break;
            case RoundInput.Timeout t: sim.Tally.Count(t.Step switch { Step.Propose => "L57", Step.Prevote => "L61", _ => "L65" }); break;
            default: break;
        }
    }

    /// <summary>A node told its operator that somebody signed twice. Only who did may be accused.</summary>
    public void Accused(SimNode node, string text)
    {
        sim.Tally.Count("evidence");
        if (accused.Add(text) && sim.Nodes.FirstOrDefault(n => n.Kids.Any(kid => text.Contains(kid, StringComparison.Ordinal))) is { IsTraitor: false } victim)
        {
            Fail($"v{node.Index} accuses v{victim.Index}, who is honest: {text}");
        }
    }

    /// <summary>A node heard a vote or proposal from its signer.</summary>
    public void Heard(SimNode node, SimNode from, PeerMessage message)
    {
        var (kid, height, round, step) = message.BodyCase switch
        {
            PeerMessage.BodyOneofCase.Vote => (message.Vote.From, message.Vote.Height, message.Vote.Round, (Step)message.Vote.Step),
            PeerMessage.BodyOneofCase.Proposal => (message.Proposal.From, message.Proposal.Height, message.Proposal.Round, Step.Propose),
            _ => ("", 0L, 0, Step.New),
        };
        if (sim.IndexOf(kid) == from.Index && !node.IsTraitor && !from.IsTraitor)
        {
            var key = (from.Index, height, round, step);
            // What arrives only after its signer has come back could not be told when it asked.
            if (signed.TryGetValue(key, out var first) && first.Life != from.Life)
            {
                return;
            }
            hearers[key] = hearers.GetValueOrDefault(key) | (1u << node.Index);
        }
    }

    /// <summary>A node died, and what it had heard with it.</summary>
    public void Died(SimNode node)
    {
        foreach (var key in hearers.Keys.ToList())
        {
            hearers[key] &= ~(1u << node.Index);
        }
    }

    // An old guard is no worse than what its peers can show: a vote that too few of them remember may be forgotten. Whoever returns with such a guard
    // counts among the faulty, so agreement still must hold. A guard that is gone forgets nothing, for its node waits until all that is past; nor does
    // anything excuse what it signed since it came back.
    private bool IsForgotten(SimNode node, long height, int round, Step step)
    {
        var remembered = Power(hearers.GetValueOrDefault((node.Index, height, round, step)), height);
        if (node.OldLife == 0 || signed[(node.Index, height, round, step)].Life > node.OldLife || !SetAt(height).IsQuorum(SetAt(height).Power - remembered))
        {
            return false;
        }
        sim.Tally.Count(Unseen);
        return true;
    }

    /// <summary>The core is whole; tells the height that it owes.</summary>
    public long Healed(List<SimNode> living)
    {
        core = living;
        firstOwed = chain.Count + 1;
        return firstOwed;
    }

    private void Follow(RoundState s, RoundInput.Reproposal r)
    {
        var follows = r.IsValid && (s.Locked is not { } locked || locked.Round <= r.ValidRound || locked.Value == r.Value);
        sim.Tally.Count(follows ? "L28" : "L32");
        if (follows && s.Locked is { } lockedBefore && lockedBefore.Value != r.Value)
        {
            sim.Tally.Count("unlocked by a later polka");
        }
    }

    private void Enter(SimNode node, long height, int round)
    {
        if (round < (firstFair ?? int.MaxValue) || height != firstOwed || height != chain.Count + 1 || !core.Contains(node))
        {
            return;
        }
        var proposer = core.Find(n => n.Index == ProposerOf(height, round));
        if (proposer == node && !HasValue(node))
        {
            emptyRounds.Add(round);
        }
        if (proposer is not null && IsVoter(proposer) && Newest(proposer) == core.Where(IsVoter).Max(Newest))
        {
            roundsAfter.Add(round);
        }
    }

    // What it proposed before and got a polka, a batch that follows its head, or a heartbeat that is due by both of its clocks.
    private bool HasValue(SimNode node) => Newest(node) >= 0 || node.HoldsBatch
        || (SealedSize > 0 && sim.NowUs - headAtUs.GetValueOrDefault(node.Index) >= HeartbeatUs
            && node.SimClock.GetUtcNow().ToUnixTimeMilliseconds() - HeadTimeMs >= HeartbeatUs / 1000);

    private static bool IsVoter(SimNode node) => node is { IsTraitor: false, Node.Status.IsObserving: false };

    private int Newest(SimNode node) => node.Node!.State is { Valid: { } polka } state && state.Height == firstOwed ? polka.Round : -1;

    // What began before all of the healed core could take part in it is no measure of it.
    private void LookWhetherReady()
    {
        if (firstFair is null && firstOwed > chain.Count
            && core.TrueForAll(n => n.IsTraitor || (n.Node is { IsWaiting: false } running && running.Status.Height >= firstOwed - 1)))
        {
            firstFair = 1 + core.Where(n => !n.IsTraitor && n.Node!.State.Height == firstOwed).Select(n => n.Node!.State.Round).DefaultIfEmpty(-1).Max();
        }
    }

    private void Missed(RoundState s, int round)
    {
        if (round > 0 && s.Valid?.Round != round - 1 && polkas.Contains((s.Height, round - 1)))
        {
            sim.Tally.Count("polka without proposal");
        }
    }

    private void Reached(SimNode node, StoredBlock block)
    {
        headAtUs[node.Index] = sim.NowUs;
        if (block.Height > chain.Count)
        {
            sealedUs = sim.NowUs;
        }
        else if (block.Height == chain.Count)
        {
            LagUsMax = Math.Max(LagUsMax, sim.NowUs - sealedUs);
        }
        if (node.Node is { } running && (running.State.Height, running.State.Step) != (block.Height, Step.Decided))
        {
            sim.Tally.Count("catch-up");
        }
        if (node.Tainted > 0)
        {
            sim.Tally.Count("rejoin observes");
        }
    }

    private void Count(StoredBlock block)
    {
        if (block.Entries.Count == 0)
        {
            sim.Tally.Count("heartbeat");
        }
        if (block.Rejected.Length > 2)
        {
            sim.Tally.Count("rejected entry sealed");
        }
        if (block.Height == firstOwed)
        {
            roundsAfter.ExceptWith(emptyRounds);
            sim.Tally.RoundsAfterHealing[roundsAfter.Count] = 1;
            if (roundsAfter.Count > RoundsOwed)
            {
                Fail($"Height {block.Height} took rounds {string.Join(", ", roundsAfter)} of a healed core, of which {RoundsOwed} must do");
            }
        }
    }

    // S9: who signed two votes for one (height, round, step), or voted against its lock, by what everybody could see.
    private string Guilt(long height)
    {
        var guilty = 0u;
        foreach (var (key, who) in voters.Where(v => v.Key.Height == height))
        {
            foreach (var (other, whoElse) in voters.Where(v => v.Key.Height == height && v.Key.Step == key.Step && v.Key.Round == key.Round && v.Key.Value != key.Value))
            {
                guilty |= who & whoElse;
            }
            if (key is not { Step: Step.Precommit, Value: { } locked })
            {
                continue;
            }
            foreach (var (later, whoLater) in voters.Where(v => v.Key.Height == height && v.Key.Step == Step.Prevote && v.Key.Round > key.Round && v.Key.Value is { } w && w != locked))
            {
                guilty |= IsPolkaBetween(height, key.Round, later.Round, later.Value!.Value) ? 0 : who & whoLater;
            }
        }
        var power = Power(guilty, height);
        return 3 * power >= SetAt(height).Power ? $"S9 holds: power {power} is provably guilty." : $"S9 broken: only power {power} is provably guilty.";
    }
}
