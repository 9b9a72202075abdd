using System.Buffers;
using System.IO.Pipelines;
using EventLedger.Validator.Network;
using EventLedger.Validator.Network.Wire;
using EventLedger.Validator.Node;
using EventLedger.Validator.Tests.Simulation;
using EventLedger.Wire;
using Google.Protobuf;
using Kind = EventLedger.Validator.Network.Wire.PeerMessage.BodyOneofCase;

namespace EventLedger.Validator.Tests.Network.Fuzz;

/// <summary>
/// Mutated messages that frame and parser let through, in the loop of a real node between good ones, so that some come at each place a height can be in. A
/// message reaches all validators: one that throws there would stop them all at once.
/// </summary>
public sealed class NodeFuzzTests
{
    private const long Seed = 20261127;
    private const int Nodes = 5, TriesMax = 4;

    // What a node may hold beside its chain, whatever was said to it: the votes of many rounds and the signatures that it has heard are most of it.
    private const long HeldBytesMax = 1 << 20;

    private static readonly Kind[] Replies = [.. PeerLimits.Kinds.Where(k => PeerLimits.Of(k)!.IsReply)];
    private static readonly int Messages = Environment.GetEnvironmentVariable("EVENTLEDGER_FULL") == "1" ? 2_000_000 : 50_000;
    private static readonly TimeSpan LongTime = TimeSpan.FromMinutes(20);

    // The last message of each kind, for mutations mix them.
    private readonly List<(WireNode[] Fields, int Count)> corpus = [];
    private readonly Dictionary<Kind, int> slots = [];
    private readonly FuzzTally tally = new();
    private readonly Mutator mutator;

    public NodeFuzzTests() => mutator = new(corpus);

    [Fact]
    public void No_message_that_the_parser_accepts_stops_a_node_or_stays_in_its_memory()
    {
        var (began, held) = (Environment.TickCount64, 0L);
        for (var node = 0; node < Nodes; node++)
        {
            held = Math.Max(held, Run(node));
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"""
            {Messages} messages in {(Environment.TickCount64 - began) / 1000.0:F1} s, seed {Seed}; a node holds {held >> 10} KiB at most
            {tally}
            """);
        tally.Blocks.ShouldBeGreaterThan(Messages / 200);
        tally.Votes.ShouldBeGreaterThan(Messages / 50);
        tally.VotesForBlocks.ShouldBeGreaterThan(Messages / 100);
        tally.Proposals.ShouldBeGreaterThan(Messages / 1000);
        tally.Batches.ShouldBeGreaterThan(Messages / 200);
        tally.Evidence.ShouldBeGreaterThan(0);
        tally.Mended.ShouldBeGreaterThan(0);
        tally.Restarts.ShouldBeGreaterThan(0);
    }

    // Each node has a seed of its own, so that one can be looked at without those before it. Tells how many bytes it held at most.
    private long Run(int number)
    {
        corpus.Clear();
        slots.Clear();
        var genesis = SimKeys.Of(4, isSkewed: false, isChanging: false).Genesis;
        var (node, held) = (new FuzzedNode(genesis, tally), 0L);
        var talk = new Talk(genesis, node);
        for (var i = 0; i < Messages / Nodes; i++)
        {
            var dice = new Dice(Seed + number, i);
            ReadOnlyMemory<byte> frame = default;
            try
            {
                Disturb(node, talk, ref dice);
                // What one holds that never ends is looked at too.
                if (number % 2 == 0 && dice.OneIn(500))
                {
                    node.Restart();
                }
                var (peer, message) = talk.Next(new(Seed + Nodes + number, i));
                frame = GrpcFrames.Encode(message);
                var said = Read(frame).ShouldNotBeNull();
                if (dice.OneIn(2) && Change(message, new(Seed + (2 * Nodes) + number, i)) is { } changed)
                {
                    (frame, said) = changed;
                    talk.Again(peer, message, dice.OneIn(2));
                }
                node.Handle(new NodeInput.Said(peer, said));
            }
            catch (InvalidOperationException e) when (IsAgainstTheRules(e))
            {
                // A quorum of liars can do that, and to go on would be worse.
                tally.Stops++;
                node = new(genesis, tally);
                talk = new(genesis, node);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"node {number} of seed {Seed} at message {i}: {Convert.ToHexString(frame.Span)}", e);
            }
            if (i % 1000 == 999)
            {
                held = Math.Max(held, node.HeldBytes);
                held.ShouldBeLessThan(HeldBytesMax, $"node {number} at message {i}");
            }
        }
        return held;
    }

    private static bool IsAgainstTheRules(InvalidOperationException e) => e.Message.StartsWith("The others sealed height ", StringComparison.Ordinal)
        || e.Message.EndsWith(" is sealed by a quorum against the rules as they run here.", StringComparison.Ordinal);

    // What happens beside what peers say.
    private static void Disturb(FuzzedNode node, Talk talk, ref Dice dice)
    {
        if (dice.OneIn(16))
        {
            node.Tick(dice.OneIn(100) ? LongTime : NodeLoop.TickEvery);
        }
        if (dice.OneIn(12))
        {
            node.Fire(dice.Below(int.MaxValue));
        }
        if (dice.OneIn(24))
        {
            node.Handle(talk.Brought(dice));
        }
        if (dice.OneIn(200))
        {
            node.Handle(dice.OneIn(2) ? new NodeInput.Opened(talk.Peer(dice)) : new NodeInput.Came(talk.Peer(dice)));
        }
        if (dice.OneIn(500) && node.Store.Height > 0)
        {
            node.Harm(dice.Next());
        }
    }

    // A message that is not like it and yet one; null when none of a few is.
    private (ReadOnlyMemory<byte> Frame, PeerMessage Message)? Change(PeerMessage message, Dice dice)
    {
        if (!slots.TryGetValue(message.BodyCase, out var slot))
        {
            slots.Add(message.BodyCase, slot = corpus.Count);
            corpus.Add(default);
        }
        var fields = WireNode.Read(PeerMessage.Descriptor, message.ToByteArray());
        corpus[slot] = (fields, fields.Sum(f => f.Count));
        for (var tries = 0; tries < TriesMax; tries++)
        {
            var frame = mutator.Frame(slot, new((long)dice.Next(), tries), isMild: !dice.OneIn(8));
            if (Read(frame) is { } read)
            {
                tally.Mutants++;
                return (frame, read);
            }
            tally.Refused++;
        }
        return null;
    }

    // Null when frame or parser refuses it, in the way that closes a stream.
    private static PeerMessage? Read(ReadOnlyMemory<byte> frame)
    {
        var (read, account) = ((PeerMessage?)null, new PeerAccount("peer"));
        Array.ForEach(Replies, account.Asked);
        var reading = new PeerReader(PipeReader.Create(new ReadOnlySequence<byte>(frame)), account, new(
            (message, _) =>
            {
                read = message;
                return ValueTask.CompletedTask;
            }, _ => ValueTask.CompletedTask)).Run(CancellationToken.None);
        reading.IsCompleted.ShouldBeTrue();
        return reading.Exception is null or { InnerException: GrpcException } ? read : throw reading.Exception;
    }
}
