using System.Collections.Immutable;
using System.Numerics;
using EventLedger.Domain.Kernel;
using EventLedger.Validator.Consensus;

namespace EventLedger.Validator.Tests.Consensus;

/// <summary>One round of a scenario: who hears whom, and whose turn it is.</summary>
/// <param name="Group">A bit an instance: those with equal bits hear each other.</param>
/// <param name="Proposer">Index of the key whose turn it is.</param>
internal readonly record struct TwinRound(int Group, int Proposer);

/// <summary>What came of one scenario.</summary>
/// <param name="Faults">Broken promises: a fork, a doubled signature, a forgotten lock, a decision without its commit.</param>
/// <param name="IsFork">Two instances decided differently.</param>
/// <param name="HasEvidence">Somebody holds two signatures of one key for one place.</param>
/// <param name="IsOver">All have decided, so that further rounds change nothing.</param>
/// <param name="DecidedInRound">The highest round in which a decision was made; -1 without one.</param>
internal sealed record TwinOutcome(IReadOnlyList<string> Faults, bool IsFork, bool HasEvidence, bool IsOver, int DecidedInRound);

/// <summary>
/// Some validators, the first of which run twice with one key, play one height round by round. What is said in a round reaches the speaker's group
/// of that round; then the timers fire. Late: at the end of each round all groups meet and everybody repeats what a tick repeats.
/// Source: Twins (OPODIS 2021): two correct copies of a node behave as a traitor does.
/// </summary>
internal sealed class TwinNetwork
{
    private static readonly Step[] Timed = [Step.Propose, Step.Prevote, Step.Precommit];
    private readonly ImmutableArray<TwinRound> rounds;
    private readonly bool isLate;
    private readonly Validators set;
    private readonly Instance[] instances;
    private readonly Queue<(int From, int Round, Input Input, bool ToAll)> now = new(), later = new();
    private readonly Dictionary<(int, Digest), int> prevoters = [];
    private readonly List<string> faults = [];
    private bool hasEvidence;

    private TwinNetwork(TwinSetup setup, ImmutableArray<TwinRound> rounds, bool isLate)
    {
        (this.rounds, this.isLate, set) = (rounds, isLate, setup.Set);
        instances = [.. setup.Owners.Select((key, i) => new Instance(i, key, new(setup.Keys[key], 0)))];
        ImmutableArray<string> order = [.. rounds.Select(r => setup.Keys[r.Proposer]), .. setup.Keys];
        foreach (var instance in instances)
        {
            Do(instance, instance.Driver.Handle(new Input.NewHeight(1, set, order)));
        }
    }

    private sealed record Instance(int Index, int Key, Driver Driver)
    {
        public List<Output.SetTimer> Timers { get; } = [];

        public Dictionary<(int, Step), Digest?> Signed { get; } = [];
    }

    public static TwinOutcome Play(TwinSetup setup, ImmutableArray<TwinRound> rounds, bool isLate)
    {
        var network = new TwinNetwork(setup, rounds, isLate);
        for (var round = 0; round < rounds.Length; round++)
        {
            network.Play(round);
        }
        var decisions = network.instances.Select(i => i.Driver.Decision).OfType<Output.Decide>().ToList();
        var isFork = decisions.Select(d => d.Value).Distinct().Count() > 1;
        return new(isFork ? [.. network.faults, "two instances decided differently"] : network.faults, isFork, network.hasEvidence,
            decisions.Count == network.instances.Length, decisions.Select(d => d.Round).DefaultIfEmpty(-1).Max());
    }

    private void Play(int round)
    {
        while (later.TryDequeue(out var message))
        {
            now.Enqueue(message);
        }
        Deliver(round);
        Fire(round);
        if (isLate)
        {
            foreach (var instance in instances)
            {
                Do(instance, instance.Driver.Handle(new Input.Tick()));
            }
            Deliver(round);
            Fire(round);
        }
    }

    private void Fire(int round)
    {
        foreach (var step in Timed)
        {
            foreach (var instance in instances)
            {
                foreach (var timer in instance.Timers.Where(t => t.Step == step && t.Round <= round).ToList())
                {
                    instance.Timers.Remove(timer);
                    Feed(instance, new Input.Timeout(1, timer.Round, timer.Step));
                }
            }
            Deliver(round);
        }
    }

    // Rounds go in step: what is said in a later one waits for it, so that a beginning of a scenario ends the same however it goes on.
    private void Deliver(int round)
    {
        while (now.TryDequeue(out var message))
        {
            if (message.Round > round)
            {
                later.Enqueue(message);
                continue;
            }
            foreach (var to in instances)
            {
                if (to.Index != message.From && (message.ToAll || Hears(message.Round, message.From, to.Index)))
                {
                    Feed(to, message.Input);
                }
            }
        }
    }

    private bool Hears(int round, int from, int to) => (rounds[round].Group >> from & 1) == (rounds[round].Group >> to & 1);

    private void Feed(Instance instance, Input input) => Do(instance, instance.Driver.Handle(input));

    private void Do(Instance me, IReadOnlyList<Output> outputs)
    {
        foreach (var output in outputs)
        {
            switch (output)
            {
                case Output.SetTimer t: me.Timers.Add(t); break;
                case Output.GetValue g: Feed(me, new Input.ValueReady(g.Height, g.Round, Digest.Of($"{me.Index}/{g.Round}"))); break;
                case Output.Propose p: Say(me, p.Round, new Input.GotProposal(new(p.Height, p.Round, p.Value, p.ValidRound, me.Driver.Self, []), Verdict.Valid)); break;
                case Output.SendVote v:
                    Review(me, v);
                    Say(me, v.Round, new Input.GotVote(new(v.Height, v.Round, v.Step, v.Value, me.Driver.Self, [])));
                    break;
                case Output.Resend r: Repeat(me, r); break;
                case Output.Evidence or Output.ProposalEvidence: hasEvidence = true; break;
                case Output.Decide d when !new Votes(set).IsCertificate(d.Precommits): faults.Add($"{me.Driver.Self} decided without a commit"); break;
                default: break;
            }
        }
    }

    private void Say(Instance me, int round, Input input)
    {
        now.Enqueue((me.Index, round, input, false));
        Feed(me, input);
    }

    private void Repeat(Instance me, Output.Resend r)
    {
        foreach (var p in r.Proposals)
        {
            now.Enqueue((me.Index, p.Round, new Input.GotProposal(p, Verdict.Valid), true));
        }
        foreach (var v in r.Votes)
        {
            now.Enqueue((me.Index, v.Round, new Input.GotVote(v), true));
        }
        foreach (var c in r.Certificates)
        {
            now.Enqueue((me.Index, c[0].Round, new Input.Certificate(c), true));
        }
    }

    // Each instance by itself is correct: it signs once for a place, and leaves its lock only for a polka since.
    private void Review(Instance me, Output.SendVote vote)
    {
        if (!me.Signed.TryAdd((vote.Round, vote.Step), vote.Value))
        {
            faults.Add($"{me.Driver.Self} signed {vote.Step} of round {vote.Round} twice");
        }
        if (vote is not { Step: Step.Prevote, Value: { } value })
        {
            return;
        }
        prevoters[(vote.Round, value)] = prevoters.GetValueOrDefault((vote.Round, value)) | 1 << me.Key;
        var isForgotten = me.Signed.Any(s => s is { Key: (_, Step.Precommit), Value: { } locked } && locked != value
            && !Enumerable.Range(s.Key.Item1, vote.Round - s.Key.Item1).Any(r => IsPolka(r, value)));
        if (isForgotten)
        {
            faults.Add($"{me.Driver.Self} forgot its lock in round {vote.Round}");
        }
    }

    private bool IsPolka(int round, Digest value) => set.IsQuorum(BitOperations.PopCount((uint)prevoters.GetValueOrDefault((round, value))));
}
