using System.Buffers;
using System.IO.Pipelines;
using EventLedger.Domain.Kernel;
using EventLedger.Validator.Consensus;
using EventLedger.Validator.Network;
using EventLedger.Validator.Network.Wire;
using EventLedger.Wire;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace EventLedger.Validator.Tests.Network;

public sealed class RoundTripTests
{
    private const int TriesEach = 40;

    public static TheoryData<string> Types => [.. WireTypes.All.Select(t => t.FullName)];

    [Theory]
    [MemberData(nameof(Types))]
    public async Task A_message_alone_and_with_all_it_can_carry_comes_through_the_frames_unchanged(string name)
    {
        var (type, random, ways) = (WireTypes.All.Single(t => t.FullName == name), new Random(7), 0);
        foreach (var way in WireTypes.WaysDown(type))
        {
            ways++;
            for (var i = 0; i < TriesEach; i++)
            {
                var sent = WireTypes.Fill(type, random, way);
                Innermost(sent, way).Descriptor.ShouldBe(way is [.., var last] ? last.MessageType : type);
                (await Through(type, GrpcFrames.Encode(sent), random.Next(1, 40))).ShouldBe(sent);
                var written = new ArrayBufferWriter<byte>();
                GrpcFrames.Write(written, sent);
                written.WrittenSpan.SequenceEqual(GrpcFrames.Encode(sent)).ShouldBeTrue();
            }
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {ways} ways down, {TriesEach} messages each");
    }

    [Fact]
    public async Task What_a_peer_can_say_passes_the_look_before_the_parser_and_comes_out_unchanged()
    {
        var random = new Random(11);
        foreach (var way in WireTypes.WaysDown(PeerMessage.Descriptor).Where(w => w.Count > 0))
        {
            for (var i = 0; i < TriesEach; i++)
            {
                var sent = (PeerMessage)WireTypes.Fill(PeerMessage.Descriptor, random, way);
                (await PeerStream.Read([.. GrpcFrames.Encode(sent), .. GrpcFrames.Encode(sent)], random.Next(1, 40))).ShouldBe([sent, sent]);
            }
        }
    }

    [Fact]
    public void Votes_and_proposals_of_the_core_are_what_they_were_after_the_wire()
    {
        foreach (var vote in Votes())
        {
            var wire = SignedVote.Parser.ParseFrom(WireForms.Write(vote).ToByteArray());
            WireForms.TryRead(wire, out var read).ShouldBeTrue();
            (read!.Height, read.Round, read.Step, read.Value, read.From, B64.Encode(read.Signature))
                .ShouldBe((vote.Height, vote.Round, vote.Step, vote.Value, vote.From, B64.Encode(vote.Signature)));
        }
        foreach (var p in Proposals())
        {
            var wire = SignedProposal.Parser.ParseFrom(WireForms.Write(p, "{}"u8.ToArray()).ToByteArray());
            WireForms.TryRead(wire, out var read).ShouldBeTrue();
            (read!.Height, read.Round, read.Value, read.ValidRound, read.From, B64.Encode(read.Signature), wire.Header.ToStringUtf8())
                .ShouldBe((p.Height, p.Round, p.Value, p.ValidRound, p.From, B64.Encode(p.Signature), "{}"));
        }
    }

    [Fact]
    public void What_the_core_took_is_what_the_log_gives_back()
    {
        var value = Digest.Of("x");
        Input[] inputs =
        [
            .. Proposals().SelectMany(p => Enum.GetValues<Verdict>().SelectMany(v => new[] { new Input.GotProposal(p, v, true), new Input.GotProposal(p, v, false) })),
            .. Votes().Select(v => new Input.GotVote(v)), new Input.Certificate([.. Votes()]), new Input.Timeout(9, 3, Step.Precommit), new Input.Timeout(1, 0, Step.Propose),
            new Input.Checked(5, value, true), new Input.Checked(5, value, false), new Input.ValueReady(7, int.MaxValue, value),
        ];
        foreach (var input in inputs)
        {
            var frame = new WalFrame { Records = { WalForms.Write(input), WalForms.Write(input) } };
            foreach (var record in WalFrame.Parser.ParseFrom(frame.ToByteArray()).Records)
            {
                var read = WalForms.Read(record).ShouldNotBeNull();
                read.GetType().ShouldBe(input.GetType());
                WalForms.Write(read).ShouldBe(WalForms.Write(input));
            }
        }
        SignGuard[] intents = [new(3, 0, Step.Propose, value), new(long.MaxValue, int.MaxValue, Step.Precommit, null)];
        intents.Select(i => WalForms.Read(WalRecord.Parser.ParseFrom(WalForms.Write(i).ToByteArray()).Intent)).ShouldBe(intents);
    }

    private static IMessage Innermost(IMessage message, IEnumerable<FieldDescriptor> way) => way.Aggregate(message, (at, field) =>
        field.Accessor.GetValue(at) is System.Collections.IList list ? (IMessage)list[0]! : (IMessage)field.Accessor.GetValue(at));

    // The reader is generic and the types come from descriptors: the frames carry the bytes, the descriptor's parser reads them.
    private static async Task<IMessage> Through(MessageDescriptor type, byte[] frame, int chunkBytes)
    {
        var reader = PipeReader.Create(PeerStream.Chunks(frame, chunkBytes));
        var size = await GrpcFrames.ReadHeadAsync(reader, GrpcFrames.MessageBytesMax, CancellationToken.None);
        return await GrpcFrames.ReadBodyAsync(reader, size!.Value, bytes => type.Parser.ParseFrom(bytes), CancellationToken.None);
    }

    private static IEnumerable<Vote> Votes() =>
        from step in new[] { Step.Prevote, Step.Precommit }
        from value in new Digest?[] { null, Digest.Of("v"), Digest.Zero }
        from at in new[] { (1L, 0), (long.MaxValue, int.MaxValue) }
        select new Vote(at.Item1, at.Item2, step, value, new string('k', 43), [.. Enumerable.Range(0, 64).Select(i => (byte)i)]);

    private static IEnumerable<Proposal> Proposals() =>
        from validRound in new[] { -1, 0, 41 }
        from height in new[] { 1, long.MaxValue }
        select new Proposal(height, 42, Digest.Of("p"), validRound, new string('k', 43), [.. Enumerable.Range(0, 64).Select(i => (byte)(255 - i))]);
}
