using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using EventLedger.Validator.Network;
using EventLedger.Validator.Network.Wire;
using EventLedger.Wire;
using Google.Protobuf;

namespace EventLedger.Validator.Tests.Network;

public sealed class PeerReaderTests
{
    public static TheoryData<string, string> NotMessages => new()
    {
        { "nothing", "" }, { "no such body", "5a00" }, { "body as a number", "0801" }, { "two bodies", "0a0208011200" }, { "one body twice", "0a0208010a020801" },
        { "bytes behind the body", "0a02080100" }, { "a body longer than the message", "0a7f0801" }, { "a length without an end", "0affffffffffffffffffff01" },
        { "an unknown field", "0a023801" }, { "a field twice", "0a0408010802" }, { "a number as bytes", "0a020a00" }, { "a cut field", "0a0108" },
    };

    [Theory]
    [MemberData(nameof(NotMessages))]
    public async Task What_no_honest_encoder_writes_ends_the_stream(string what, string hex)
    {
        var bytes = Convert.FromHexString(hex);
        await Should.ThrowAsync<GrpcException>(() => PeerStream.Read(Frame(bytes.Length, bytes)), what);
    }

    [Fact]
    public async Task Each_kind_has_its_own_size_and_it_is_known_from_the_first_bytes()
    {
        foreach (var kind in PeerLimits.Kinds)
        {
            // The body never comes: whoever waits for it would find a cut frame instead.
            var thrown = await Should.ThrowAsync<GrpcException>(() => PeerStream.Read(Frame(PeerLimits.Of(kind)!.BytesMax + 1, (byte)(((int)kind << 3) | 2))));
            thrown.Code.ShouldBe(GrpcCode.ResourceExhausted, $"{kind}");
        }
    }

    [Fact]
    public async Task Millions_of_empty_items_are_refused_before_they_become_objects()
    {
        var batch = new PeerMessage { Batch = new() { Entries = { Enumerable.Repeat(ByteString.Empty, 2_000_000) } } };
        (await Should.ThrowAsync<GrpcException>(() => PeerStream.Read(GrpcFrames.Encode(batch)))).Code.ShouldBe(GrpcCode.Internal);
        // A reader may wait for its budget and go on in another thread, so what is counted is the step that refuses, not the whole way there.
        var (bytes, before) = (new ReadOnlySequence<byte>(batch.ToByteArray()), GC.GetAllocatedBytesForCurrentThread());
        PeerEnvelope.IsWithin(bytes, PeerMessage.BodyOneofCase.Batch, PeerLimits.Of(PeerMessage.BodyOneofCase.Batch)!).ShouldBeFalse();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1 << 20);
    }

    [Fact]
    public async Task An_answer_that_nobody_asked_for_is_skipped_unread()
    {
        var (account, hello) = (new PeerAccount("peer"), new PeerMessage { Hello = new() { Height = 3 } });
        var block = new PeerMessage { Block = new() { Height = 7, Commit = ByteString.CopyFrom(new byte[4000]) } };
        account.Asked(PeerMessage.BodyOneofCase.Block);
        byte[] stream = [.. GrpcFrames.Encode(block), .. GrpcFrames.Encode(block), .. GrpcFrames.Encode(hello)];
        (await PeerStream.Read(stream, 100, account)).ShouldBe([block, hello]);
        account.Standing(PeerAccounts.NowMs).Unasked.ShouldBe(1);
    }

    [Fact]
    public async Task Of_one_peer_only_so_much_lies_unheard()
    {
        var (unheard, most, barriers) = (0, 0, 0);
        var vote = GrpcFrames.Encode(new PeerMessage { Vote = new() { Height = 1 } });
        var stream = PeerStream.Chunks(Enumerable.Repeat(vote, 1000).SelectMany(v => v).ToArray(), 999);
        await new PeerReader(PipeReader.Create(stream), new("peer"), new(
            (_, _) =>
            {
                most = Math.Max(most, ++unheard);
                return ValueTask.CompletedTask;
            },
            _ =>
            {
                (unheard, barriers) = (0, barriers + 1);
                return ValueTask.CompletedTask;
            })).Run(TestContext.Current.CancellationToken);
        (most, barriers).ShouldBe((PeerReader.UnheardMax, 1000 / PeerReader.UnheardMax));
    }

    private static byte[] Frame(int size, params byte[] bytes)
    {
        var head = new byte[GrpcFrames.HeadBytes];
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(1), size);
        return [.. head, .. bytes];
    }
}
