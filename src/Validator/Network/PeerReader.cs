using System.IO.Pipelines;
using EventLedger.Validator.Network.Wire;
using EventLedger.Wire;
using Google.Protobuf;
using Kind = EventLedger.Validator.Network.Wire.PeerMessage.BodyOneofCase;

namespace EventLedger.Validator.Network;

/// <summary>What a peer's messages go to.</summary>
/// <param name="Receive">Takes one message; waits while its receiver is full.</param>
/// <param name="Heard">Returns when all that was received before has been dealt with.</param>
public readonly record struct PeerSink(Func<PeerMessage, CancellationToken, ValueTask> Receive, Func<CancellationToken, ValueTask> Heard);

/// <summary>
/// Reads one peer's stream. Kind and size are known from a message's first bytes; its limit, the peer's budgets and whether it was asked for are
/// settled before the rest is held, and its form before it is parsed. Of one peer only so much lies unheard in the node's queue that it fills no queue for the others.
/// </summary>
public sealed class PeerReader(PipeReader reader, PeerAccount account, PeerSink sink)
{
    /// <summary>Most messages, and most bytes but for the last message, that are received and not yet heard.</summary>
    public const int UnheardMax = 64, UnheardBytesMax = 1 << 20;

    // What this version does not know would be kept in memory for nothing.
    private static readonly MessageParser<PeerMessage> Parser = PeerMessage.Parser.WithDiscardUnknownFields(true);

    private int unheard, unheardBytes;

    /// <summary>Reads until the stream ends; <see cref="GrpcException"/> when it holds something else than messages.</summary>
    public async Task Run(CancellationToken ct)
    {
        while (await GrpcFrames.ReadHeadAsync(reader, GrpcFrames.MessageBytesMax, ct) is { } size)
        {
            if (await Next(size, ct) is not { } message)
            {
                continue;
            }
            await sink.Receive(message, ct);
            (unheard, unheardBytes) = (unheard + 1, unheardBytes + size);
            if (unheard >= UnheardMax || unheardBytes >= UnheardBytesMax)
            {
                await sink.Heard(ct);
                (unheard, unheardBytes) = (0, 0);
            }
        }
    }

    // Null for a message that was skipped.
    private async ValueTask<PeerMessage?> Next(int size, CancellationToken ct)
    {
        var kind = size == 0 ? Kind.None : PeerEnvelope.KindOf(await GrpcFrames.PeekAsync(reader, ct));
        if (PeerLimits.Of(kind) is not { } limit || size > limit.BytesMax)
        {
            throw new GrpcException(GrpcCode.ResourceExhausted, $"no message of {size} bytes begins like this");
        }
        if (limit.IsReply && !account.TryAnswer(kind))
        {
            await Wait(account.Skip(size, PeerAccounts.NowMs), ct);
            await GrpcFrames.SkipAsync(reader, size, ct);
            return null;
        }
        await Wait(account.Read(kind, size, PeerAccounts.NowMs), ct);
        return await GrpcFrames.ReadBodyAsync(reader, size, bytes => PeerEnvelope.IsWithin(bytes, kind, limit)
            ? GrpcFrames.Parse(Parser, bytes)
            : throw new GrpcException(GrpcCode.Internal, $"this is no {kind}"), ct);
    }

    private static Task Wait(long ms, CancellationToken ct) => ms > 0 ? Task.Delay((int)ms, ct) : Task.CompletedTask;
}
