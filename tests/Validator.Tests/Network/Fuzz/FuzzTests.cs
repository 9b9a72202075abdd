using System.IO.Pipelines;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Network;
using EventLedger.Validator.Network.Wire;
using EventLedger.Validator.Tests.Node;
using EventLedger.Wire;
using Google.Protobuf;

namespace EventLedger.Validator.Tests.Network.Fuzz;

/// <summary>Mutated messages through the production framing, the look before the parser, the parser, and the readers of forms behind it.</summary>
public sealed class FuzzTests
{
    private const long Seed = 20261125;
    private const int ChunkBytes = 700;

    // What one message may allocate: so much for itself, whatever it is, and so much for each of its bytes. Only a peer's message is looked at before it is
    // parsed; in a host's call an empty message of two bytes becomes an object. The own log is measured too, but not held to a bound: nobody else writes it, its
    // frames bear a checksum, and a record that repeats its body is merged by the parser at a cost that grows with the square.
    private const long BytesEach = 64 << 10, BytesPerByteOfPeer = 64, BytesPerByteOfHost = 256;

    private static readonly int Messages = Environment.GetEnvironmentVariable("EVENTLEDGER_FULL") == "1" ? 10_000_000 : 200_000;

    [Fact]
    public async Task No_mutated_message_crashes_a_reader_or_allocates_more_than_its_size_allows()
    {
        await using var net = new TestNetwork();
        var messages = Corpus.Messages(net);
        var mutator = new Mutator([.. messages.Select(m => WireNode.Read(m.Descriptor, m.ToByteArray())).Select(fields => (fields, fields.Sum(f => f.Count)))]);
        var readers = new FormReaders(Registry.From(net.Genesis));
        var began = Environment.TickCount64;
        var (refused, sum, allocated, worst, worstBytes) = (0L, 0L, 0L, 0L, 0);
        for (var i = 0L; i < Messages; i++)
        {
            var dice = new Dice(Seed, i);
            var item = dice.Below(messages.Count);
            var frame = mutator.Frame(item, dice);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var isRefused = Read(messages[item], frame, dice.OneIn(4) ? ChunkBytes : int.MaxValue, readers, i);
            var took = GC.GetAllocatedBytesForCurrentThread() - before;
            if (took > AllowedFor(messages[item], frame.Length))
            {
                Assert.Fail($"{took} bytes allocated for {Story(i, frame)}");
            }
            (refused, sum, allocated) = (refused + (isRefused ? 1 : 0), sum + frame.Length, allocated + took);
            (worst, worstBytes) = took > worst && messages[item] is PeerMessage ? (took, frame.Length) : (worst, worstBytes);
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"""
            {Messages} messages of {sum / Messages} bytes in {(Environment.TickCount64 - began) / 1000.0:F1} s, seed {Seed}
            {refused} refused by frame or parser, {readers.Good} forms good to the last
            {allocated / Messages} bytes allocated per message, {(double)allocated / sum:F1} per byte; at most {worst} for one of a peer, of {worstBytes} bytes
            """);
        refused.ShouldBeGreaterThan(Messages / 10);
        readers.Good.ShouldBeGreaterThan(Messages / 20);
    }

    private static long AllowedFor(IMessage like, int bytes) => like switch
    {
        PeerMessage => BytesEach + (BytesPerByteOfPeer * bytes),
        WalFrame => long.MaxValue,
        _ => BytesEach + (BytesPerByteOfHost * bytes),
    };

    // True when it was refused in the way that closes a stream; any other exception is a crash.
    private static bool Read(IMessage like, ReadOnlyMemory<byte> frame, int chunkBytes, FormReaders readers, long number)
    {
        var pipe = PipeReader.Create(PeerStream.Chunks(frame, chunkBytes));
        try
        {
            switch (like)
            {
                case PeerMessage: Finish(new PeerReader(pipe, PeerStream.Owing(), Into(readers)).Run(CancellationToken.None)); break;
                case WalFrame: readers.Read(ReadOne(pipe, WalFrame.Parser)); break;
                case Batch: ReadOne(pipe, Batch.Parser); break;
                case Block: ReadOne(pipe, Block.Parser); break;
                case BlocksRequest: ReadOne(pipe, BlocksRequest.Parser); break;
                case StatusRequest: ReadOne(pipe, StatusRequest.Parser); break;
                case StatusReply: ReadOne(pipe, StatusReply.Parser); break;
                case HealthReply: ReadOne(pipe, HealthReply.Parser); break;
                default: throw new InvalidOperationException(like.Descriptor.FullName);
            }
            return false;
        }
        catch (GrpcException)
        {
            return true;
        }
        catch (Exception e)
        {
            throw new InvalidOperationException(Story(number, frame), e);
        }
    }

    private static T ReadOne<T>(PipeReader pipe, MessageParser<T> parser)
        where T : class, IMessage<T>
    {
        var read = GrpcFrames.ReadAsync(pipe, parser, GrpcFrames.MessageBytesMax, CancellationToken.None).AsTask();
        Finish(read);
        return read.Result!;
    }

    // All bytes are there, so whoever waits waits for ever.
    private static void Finish(Task reading)
    {
        reading.IsCompleted.ShouldBeTrue();
        reading.GetAwaiter().GetResult();
    }

    private static PeerSink Into(FormReaders readers) => new(
        (message, _) =>
        {
            readers.Read(message);
            return ValueTask.CompletedTask;
        }, _ => ValueTask.CompletedTask);

    private static string Story(long number, ReadOnlyMemory<byte> frame) => $"message {number} of seed {Seed}: {Convert.ToHexString(frame.Span)}";
}
