using System.Collections.Immutable;
using System.Globalization;
using EventLedger.Domain.Kernel;
using EventLedger.Validator.Consensus;

namespace EventLedger.Validator.Tests.Consensus;

/// <summary>
/// Plays a scenario text with four validators 1 to 4; the proposer of round r is r mod 4 + 1 and proposes the value "r". Messages arrive at once
/// after each line, timers fire only when the text says so. Commands: start · drop A->B [propose|prevote|precommit] · heal · fire A · tick A ·
/// crash A · restart A · withhold A, batch A [invalid] (content not here, then here) · untimely A · expect … ; A is a node or *. By drop A->A
/// a node falls before it has written down what it said.
/// </summary>
internal sealed class Script
{
    private static readonly Validators Set = new(Enumerable.Range(1, 4).Select(i => new Voter($"{i}", 1)));
    private static readonly Input.NewHeight Start = new(1, Set, ["1", "2", "3", "4"]);
    private readonly ImmutableArray<SimNode> nodes = [.. Set.Kids.Select(kid => new SimNode(kid))];
    private readonly Queue<(SimNode To, Input Input)> network = new();
    private readonly List<(string From, string To, string Kind)> drops = [];
    private readonly Dictionary<string, List<Output.SetTimer>> timers = [];
    private readonly Dictionary<string, List<Output.RequestBatch>> batches = [];
    private readonly HashSet<string> withheld = [], untimely = [];
    private readonly HashSet<(string, Digest)> invalid = [];
    private readonly Dictionary<(string, Step), int> said = [];

    public void Run(string line)
    {
        var words = line.Split('#')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        switch (words)
        {
            case []: break;
            case ["start"]: Each("*", node => Do(node, node.Driver.Handle(Start))); break;
            case ["drop", var path, .. var kind]: drops.Add((path.Split("->")[0], path.Split("->")[1], kind is [var k] ? k : "*")); break;
            case ["heal"]: drops.Clear(); break;
            case ["fire", var who]: Each(who, Fire); break;
            case ["tick", var who]: Each(who, node => Feed(node, new Input.Tick())); break;
            case ["crash", var who]: Each(who, node => node.IsDown = true); break;
            case ["restart", var who]: Each(who, Restart, down: true); break;
            case ["withhold", var who]: Each(who, node => withheld.Add(node.Name)); break;
            case ["batch", var who, .. var kind]: Each(who, node => Deliver(node, isValid: kind is not ["invalid"])); break;
            case ["untimely", var who]: Each(who, node => untimely.Add(node.Name)); break;
            case ["expect", "said", var step, var times]:
                said.Where(s => s.Key.Item2 == Named(step)).Sum(s => s.Value).ShouldBe(Number(times), line);
                break;
            case ["expect", var who, .. var what]: Each(who, node => Check(node, what, line)); break;
            default: throw new InvalidDataException(line);
        }
        while (network.TryDequeue(out var message))
        {
            Feed(message.To, message.Input);
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static Step Named(string text) => Enum.Parse<Step>(text, ignoreCase: true);

    private static Digest Value(int round) => Digest.Of($"{round}");

    private static void Check(SimNode node, string[] what, string line)
    {
        var state = node.Driver.State;
        switch (what)
        {
            case ["decided", var value]: node.Driver.Decision?.Value.ShouldBe(Value(Number(value)), line); node.Driver.Decision.ShouldNotBeNull(line); break;
            case ["disputed"]: node.Driver.Decision?.IsDisputed.ShouldBeTrue(line); node.Driver.Decision.ShouldNotBeNull(line); break;
            case ["undecided"]: node.Driver.Decision.ShouldBeNull(line); break;
            case ["round", var round, var step]: (state.Round, state.Step).ShouldBe((Number(round), Named(step)), line); break;
            case ["locked", "nothing"]: state.Locked.ShouldBeNull(line); break;
            case ["locked", var value, "at", var round]: state.Locked.ShouldBe(new Polka(Number(round), Value(Number(value))), line); break;
            default: throw new InvalidDataException(line);
        }
    }

    private void Each(string who, Action<SimNode> action, bool down = false)
    {
        foreach (var node in nodes.Where(n => who == "*" || who.Split(',').Contains(n.Name)).Where(n => n.IsDown == down))
        {
            action(node);
        }
    }

    private void Fire(SimNode node)
    {
        var due = timers.GetValueOrDefault(node.Name, []);
        timers[node.Name] = [];
        foreach (var timer in due)
        {
            Feed(node, new Input.Timeout(timer.Height, timer.Round, timer.Step));
        }
    }

    private void Restart(SimNode node)
    {
        node.IsDown = false;
        timers[node.Name] = [];
        (node.Driver, var due) = Recovery.Replay(node.Name, Start, node.Log);
        Do(node, due);
    }

    private void Deliver(SimNode node, bool isValid)
    {
        withheld.Remove(node.Name);
        foreach (var batch in batches.GetValueOrDefault(node.Name, []))
        {
            if (!isValid)
            {
                invalid.Add((node.Name, batch.Value));
            }
            Feed(node, new Input.Checked(batch.Height, batch.Value, isValid));
        }
    }

    private void Feed(SimNode node, Input input)
    {
        if (!node.IsDown)
        {
            Do(node, node.Driver.Handle(input is Input.GotProposal p ? p with { Content = Content(node, p.Message.Value), IsTimely = !untimely.Contains(node.Name) } : input));
        }
    }

    private Verdict Content(SimNode node, Digest value) =>
        withheld.Contains(node.Name) ? Verdict.Unknown : invalid.Contains((node.Name, value)) ? Verdict.Invalid : Verdict.Valid;

    private void Do(SimNode node, IReadOnlyList<Output> outputs)
    {
        foreach (var output in outputs)
        {
            switch (output)
            {
                case Output.Persist p: node.Log.Add(p.Input); break;
                case Output.SetTimer t: timers[node.Name] = [.. timers.GetValueOrDefault(node.Name, []), t]; break;
                case Output.GetValue g: network.Enqueue((node, new Input.ValueReady(g.Height, g.Round, Value(g.Round)))); break;
                case Output.RequestBatch b: batches[node.Name] = [.. batches.GetValueOrDefault(node.Name, []), b]; break;
                case Output.Propose p when node.Sign(new(p.Height, p.Round, Step.Propose, p.Value)):
                    Say(node, Step.Propose, new Input.GotProposal(new(p.Height, p.Round, p.Value, p.ValidRound, node.Name, []), Verdict.Valid));
                    break;
                case Output.SendVote v when node.Sign(new(v.Height, v.Round, v.Step, v.Value)):
                    Say(node, v.Step, new Input.GotVote(new(v.Height, v.Round, v.Step, v.Value, node.Name, [])));
                    break;
                case Output.Resend r:
                    foreach (var p in r.Proposals) { Send(node, Step.Propose, new Input.GotProposal(p, Verdict.Valid)); }
                    foreach (var v in r.Votes) { Send(node, v.Step, new Input.GotVote(v)); }
                    foreach (var c in r.Certificates) { Send(node, c[0].Step, new Input.Certificate(c)); }
                    break;
                default: break;
            }
        }
    }

    private void Say(SimNode node, Step step, Input input)
    {
        said[(node.Name, step)] = said.GetValueOrDefault((node.Name, step)) + 1;
        if (!drops.Any(d => (d.From, d.To) == (node.Name, node.Name) && Fits(d.Kind, $"{step}")))
        {
            network.Enqueue((node, input));
        }
        Send(node, step, input);
    }

    private void Send(SimNode from, Step step, Input input)
    {
        foreach (var to in nodes.Where(to => to != from && !drops.Any(d => Fits(d.From, from.Name) && Fits(d.To, to.Name) && Fits(d.Kind, $"{step}"))))
        {
            network.Enqueue((to, input));
        }
    }

    private static bool Fits(string pattern, string name) => pattern == "*" || pattern.Split(',').Contains(name, StringComparer.OrdinalIgnoreCase);
}
