using System.Collections.Immutable;
using EventLedger.Domain.Kernel;
using EventLedger.Validator.Consensus;

namespace EventLedger.Validator.Tests.Consensus;

/// <summary>
/// Some validators on virtual time, from one seed: messages are lost, doubled, late and out of order, nodes crash and come back from their log,
/// traitors say to each peer what suits them. After <see cref="Heal"/> the network is good, and progress is owed.
/// </summary>
internal sealed class Cluster
{
    private const int TickMs = 300;
    private static readonly Timeouts Patience = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(2));
    private readonly Random random;
    private readonly PriorityQueue<Action, (long Time, long Order)> events = new();
    private readonly ImmutableArray<string> names;
    private readonly Validators set;
    private readonly Dictionary<(long, int, Step, Digest?), HashSet<string>> spoken = [];
    private readonly HashSet<(long, int)> divided = [];
    private long now, order;
    private double loss = 0.2;
    private bool isHealed;

    public Cluster(int seed, int count, int traitors)
    {
        random = new(seed);
        names = [.. Enumerable.Range(0, count).Select(i => $"v{i}")];
        set = new(names.Select(name => new Voter(name, 1)));
        Traitors = [.. names.Take(traitors)];
        Nodes = [.. names.Skip(traitors).Select(name => new SimNode(name))];
        foreach (var node in Nodes)
        {
            At(random.Next(200), () => { if (node.Life == 0 && !node.IsDown) { Do(node, node.Driver.Handle(Start(1))); } });
            At(random.Next(TickMs), () => Tick(node));
        }
    }

    public ImmutableArray<SimNode> Nodes { get; }

    public ImmutableHashSet<string> Traitors { get; }

    public int Crashes { get; private set; }

    public int RoundMax { get; private set; }

    public List<string> Faults { get; } = [];

    public long HeightMin => Nodes.Min(node => node.Commits.Count);

    public void Run(long milliseconds, Func<bool>? until = null)
    {
        var end = now + milliseconds;
        while (Faults.Count == 0 && until?.Invoke() != true && events.TryPeek(out _, out var at) && at.Time <= end)
        {
            var next = events.Dequeue();
            now = at.Time;
            next();
        }
    }

    public void Heal()
    {
        (isHealed, loss) = (true, 0);
        foreach (var node in Nodes.Where(n => n.IsDown))
        {
            Restart(node);
        }
    }

    public void Partition(Func<string, string, bool> isCut) => IsCut = isCut;

    private Func<string, string, bool> IsCut { get; set; } = (_, _) => false;

    public Input.NewHeight Start(long height) =>
        new(height, set, [.. Enumerable.Range(0, names.Length).Select(i => names[(int)((height + i) % names.Length)])]);

    private void At(long delay, Action action) => events.Enqueue(action, (now + delay, order++));

    private void Tick(SimNode node)
    {
        if (!node.IsDown)
        {
            Feed(node, new Input.Tick());
            if (!isHealed && random.Next(30) == 0)
            {
                Crash(node);
            }
        }
        At(TickMs, () => Tick(node));
    }

    private void Crash(SimNode node)
    {
        (node.IsDown, Crashes) = (true, Crashes + 1);
        At(random.Next(2000), () => Restart(node));
    }

    private void Restart(SimNode node)
    {
        if (node.IsDown)
        {
            node.IsDown = false;
            node.Life++;
            (node.Driver, var due) = Recovery.Replay(node.Name, Start(node.Commits.Count + 1), node.Log);
            Do(node, due);
        }
    }

    private void Feed(SimNode node, Input input)
    {
        if (node.IsDown)
        {
            return;
        }
        var before = (node.Driver.State.Height, node.Driver.State.Round);
        Do(node, node.Driver.Handle(input));
        var after = (node.Driver.State.Height, node.Driver.State.Round);
        RoundMax = Math.Max(RoundMax, after.Round);
        if (after.CompareTo(before) < 0)
        {
            Faults.Add($"{node.Name} went back from {before} to {after}");
        }
    }

    private void Do(SimNode node, IReadOnlyList<Output> outputs)
    {
        var isCut = !isHealed && random.Next(400) == 0;   // The process dies after the log, before anything leaves.
        foreach (var output in outputs)
        {
            if (isCut && output is not Output.Persist)
            {
                Crash(node);
                return;
            }
            Do(node, output);
        }
    }

    private void Do(SimNode node, Output output)
    {
        var life = node.Life;
        switch (output)
        {
            case Output.Persist p: node.Log.Add(p.Input); break;
            case Output.SetTimer t:
                At((long)Patience.For(t.Round, t.Step).TotalMilliseconds + random.Next(10), () => { if (node.Life == life) { Feed(node, new Input.Timeout(t.Height, t.Round, t.Step)); } });
                break;
            case Output.GetValue g:
                At(random.Next(20), () => { if (node.Life == life) { Feed(node, new Input.ValueReady(g.Height, g.Round, Digest.Of($"{g}{node.Name}{now}"))); } });
                break;
            case Output.RequestBatch b:
                At(random.Next(60), () => { if (node.Life == life) { Feed(node, new Input.Checked(b.Height, b.Value, true)); } });
                break;
            case Output.Propose p when node.Sign(new(p.Height, p.Round, Step.Propose, p.Value)):
                Say(node, new Input.GotProposal(new(p.Height, p.Round, p.Value, p.ValidRound, node.Name, []), Verdict.Valid));
                break;
            case Output.SendVote v when node.Sign(new(v.Height, v.Round, v.Step, v.Value)):
                Say(node, new Input.GotVote(new(v.Height, v.Round, v.Step, v.Value, node.Name, [])));
                break;
            case Output.Resend r:
                foreach (var input in r.Proposals.Select(p => (Input)new Input.GotProposal(p, Verdict.Unknown))
                    .Concat(r.Votes.Select(v => new Input.GotVote(v))).Concat(r.Certificates.Select(c => new Input.Certificate(c))))
                {
                    Broadcast(node.Name, input);
                }
                break;
            case Output.Decide d: Decide(node, d); break;
            default: break;
        }
    }

    private void Say(SimNode node, Input input)
    {
        if (input is Input.GotVote { Message: var vote })
        {
            Note(vote);
            Faults.AddRange(node.Review(vote, IsPolka));
        }
        Broadcast(node.Name, input is Input.GotProposal p ? p with { Content = random.Next(2) == 0 ? Verdict.Unknown : Verdict.Valid } : input);
        Feed(node, input);
    }

    private void Note(Vote vote)
    {
        var key = (vote.Height, vote.Round, vote.Step, vote.Value);
        if (!spoken.TryGetValue(key, out var voters))
        {
            spoken.Add(key, voters = []);
        }
        voters.Add(vote.From);
    }

    private bool IsPolka(long height, int round, Digest? value) =>
        spoken.TryGetValue((height, round, Step.Prevote, value), out var voters) && set.IsQuorum(set.Power(voters));

    private void Broadcast(string from, Input input)
    {
        foreach (var node in Nodes.Where(n => n.Name != from))
        {
            Send(from, node, input);
        }
        if (!isHealed || random.Next(2) == 0)
        {
            foreach (var traitor in Traitors)
            {
                At(random.Next(30), () => Betray(traitor, input));
            }
        }
    }

    private void Send(string from, SimNode to, Input input)
    {
        for (var copies = random.Next(20) == 0 ? 2 : 1; copies > 0; copies--)
        {
            if (random.NextDouble() >= loss && (isHealed || !IsCut(from, to.Name)))
            {
                At(isHealed ? random.Next(1, 10) : random.Next(1, 150), () => Receive(from, to, input));
            }
        }
    }

    private void Receive(string from, SimNode to, Input input)
    {
        var height = input switch
        {
            Input.GotVote v => v.Message.Height,
            Input.GotProposal p => p.Message.Height,
            Input.Certificate c => c.Votes[0].Height,
            _ => 0,
        };
        Feed(to, input);
        // Catch-up: whoever speaks of a later height has the block of this one.
        var own = to.Driver.State.Height;
        if (height > own && to.Driver.Decision is null && Nodes.FirstOrDefault(n => n.Name == from) is { } peer && peer.Commits.TryGetValue(own, out var commit))
        {
            Feed(to, new Input.Committed(commit.Precommits));
        }
    }

    private void Decide(SimNode node, Output.Decide d)
    {
        if (d.IsDisputed || !new Votes(set).IsCertificate(d.Precommits))
        {
            Faults.Add($"{node.Name} decided without a commit: {d}");
        }
        if (Nodes.Any(n => n.Commits.TryGetValue(d.Height, out var other) && other.Value != d.Value))
        {
            Faults.Add($"{node.Name} decided {d.Value} at {d.Height}, another node did not");
        }
        if (!node.Commits.TryAdd(d.Height, d))
        {
            Faults.Add($"{node.Name} decided {d.Height} twice");
        }
        var life = node.Life;
        At(random.Next(1, 30), () =>
        {
            if (node.Life == life && !node.IsDown)
            {
                node.Log.Clear();
                Do(node, node.Driver.Handle(Start(d.Height + 1)));
            }
        });
        node.Log.Clear();   // The block is stored; a restart begins with the next height.
    }

    // A traitor answers what it hears with whatever may divide: one value for the even peers, another one for the odd, or any that it has seen.
    private void Betray(string traitor, Input heard)
    {
        var (height, round, value) = heard switch
        {
            Input.GotVote { Message: var v } => (v.Height, v.Round, v.Value),
            Input.GotProposal { Message: var p } => (p.Height, p.Round, (Digest?)p.Value),
            _ => (0, 0, null),
        };
        if (height == 0)
        {
            return;
        }
        (long, int)[] turns = [(height, round), (height, round + 1), (height + 1, 0)];
        foreach (var (h, r) in turns)
        {
            Divide(h, r);
        }
        for (var i = 0; i < Nodes.Length; i++)
        {
            foreach (var step in (Step[])[Step.Prevote, Step.Precommit])
            {
                var isMine = Traitors.Contains(ProposerOf(height, round));
                var choice = random.Next(8) == 0 ? null : isMine ? Split(height, round, i) : value;
                var vote = new Vote(height, round + (random.Next(10) == 0 ? 1 : 0), step, choice, traitor, []);
                Note(vote);
                Send(traitor, Nodes[i], new Input.GotVote(vote));
            }
        }
    }

    private void Divide(long height, int round)
    {
        var mine = ProposerOf(height, round);
        if (!Traitors.Contains(mine) || !divided.Add((height, round)))
        {
            return;
        }
        for (var i = 0; i < Nodes.Length; i++)
        {
            Send(mine, Nodes[i], new Input.GotProposal(new(height, round, Split(height, round, i), -1, mine, []), Verdict.Valid));
        }
    }

    private string ProposerOf(long height, int round) => Start(height).ProposerOrder[round % names.Length];

    private static Digest Split(long height, int round, int peer) => Digest.Of($"{height}/{round}/{peer % 2}");
}
