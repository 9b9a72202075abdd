using System.Buffers;
using System.IO.Pipelines;
using EventLedger.Validator.Network;
using EventLedger.Validator.Network.Wire;

namespace EventLedger.Validator.Tests.Network;

/// <summary>A peer's stream without a network: the production reader over bytes that come in chunks.</summary>
public static class PeerStream
{
    /// <summary>Reads all messages of a stream of a peer that owes every kind of answer.</summary>
    public static async Task<IReadOnlyList<PeerMessage>> Read(byte[] bytes, int chunkBytes = int.MaxValue, PeerAccount? account = null)
    {
        var messages = new List<PeerMessage>();
        await new PeerReader(PipeReader.Create(Chunks(bytes, chunkBytes)), account ?? Owing(), new(
            (message, _) =>
            {
                messages.Add(message);
                return ValueTask.CompletedTask;
            }, _ => ValueTask.CompletedTask)).Run(CancellationToken.None);
        return messages;
    }

    /// <summary>An account that was asked for each kind of answer often enough.</summary>
    public static PeerAccount Owing()
    {
        var account = new PeerAccount("peer");
        foreach (var kind in PeerLimits.Kinds.Where(k => PeerLimits.Of(k)!.IsReply))
        {
            for (var i = 0; i < PeerAccount.OwedMax; i++)
            {
                account.Asked(kind);
            }
        }
        return account;
    }

    /// <summary>The same bytes as a chain of small ones, as they come from a socket.</summary>
    public static ReadOnlySequence<byte> Chunks(ReadOnlyMemory<byte> bytes, int chunkBytes)
    {
        if (bytes.Length <= chunkBytes)
        {
            return new(bytes);
        }
        var first = new Chunk(bytes[..chunkBytes], 0);
        var last = first;
        for (var at = chunkBytes; at < bytes.Length; at += chunkBytes)
        {
            last = last.Append(bytes.Slice(at, Math.Min(chunkBytes, bytes.Length - at)));
        }
        return new(first, 0, last, last.Memory.Length);
    }

    private sealed class Chunk : ReadOnlySequenceSegment<byte>
    {
        public Chunk(ReadOnlyMemory<byte> memory, long at) => (Memory, RunningIndex) = (memory, at);

        public Chunk Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Chunk(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
