using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EventLedger.Api.Host;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Wire;
using Google.Protobuf;

namespace EventLedger.Api.Processing.Sealing;

/// <summary>The validators of this chain, asked all at once.</summary>
public sealed class Validators : IDisposable
{
    private static readonly TimeSpan HandOverFor = TimeSpan.FromSeconds(5), AskFor = TimeSpan.FromSeconds(2);

    // A validator that takes nothing any more keeps this many batches in memory, and no more.
    private const int UnansweredMax = 4;

    private readonly X509Certificate2 own;
    private readonly int[] unanswered;

    /// <summary>Makes a client for each; nothing is connected yet.</summary>
    public Validators(Genesis genesis, HostKeys keys)
    {
        own = TransportCertificate.Create(ECDsa.Create(keys.Transport.Export()));
        All = [.. genesis.Validators.Select(v => new ValidatorClient(v, own))];
        unanswered = new int[All.Count];
    }

    /// <summary>One client for each validator.</summary>
    public IReadOnlyList<ValidatorClient> All { get; }

    /// <summary>
    /// Hands a batch to everyone and waits for answers from more than two thirds of the power, or until no more can come: one that is there and says
    /// nothing must not hold up the seal. Null for those that cannot be had or are late.
    /// </summary>
    public async Task<BatchReply?[]> Submit(Batch batch, CancellationToken cancellation)
    {
        var frame = GrpcFrames.Encode(batch);
        var calls = All.Select((validator, i) => Submit(validator, i, frame, cancellation)).ToList();
        var replies = new BatchReply?[calls.Count];
        while (calls.FindAll(c => !c.IsCompleted) is [_, ..] open && 3 * Answered(calls) <= 2 * All.Sum(v => v.Validator.Member.Power))
        {
            await await Task.WhenAny(open);
        }
        for (var i = 0; i < calls.Count; i++)
        {
            replies[i] = calls[i].IsCompleted ? await calls[i] : null;
        }
        return replies;
    }

    /// <summary>Everyone's newest block, without items; null for those that cannot be had.</summary>
    public Task<Block?[]> Heads(CancellationToken cancellation) => Ask("GetHead", new HeadRequest(), Block.Parser, AskFor, cancellation);

    /// <summary>Everyone's health; null for those that cannot be had.</summary>
    public Task<HealthReply?[]> Health(CancellationToken cancellation) => Ask("GetHealth", new HealthRequest(), HealthReply.Parser, AskFor, cancellation);

    /// <summary>What validators sign about a record's status, those that answer.</summary>
    public async Task<IReadOnlyList<(StatusStatement Statement, KidSignature Signature)>> Status(long seq, long height, CancellationToken cancellation)
    {
        var replies = await Ask("GetStatus", new StatusRequest { Seq = seq, Height = height }, StatusReply.Parser, AskFor, cancellation);
        var said = new List<(StatusStatement, KidSignature)>();
        foreach (var reply in replies)
        {
            if (reply is { Problem: "" } && Jcs.TryParse(reply.Statement.Memory) is { } json && StatusStatement.TryParse(json.RootElement, out var statement))
            {
                said.Add((statement, new(reply.Kid, B64.Encode(reply.Signature.Span))));
            }
        }
        return said;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var validator in All)
        {
            validator.Dispose();
        }
        own.Dispose();
    }

    private long Answered(List<Task<BatchReply?>> calls) =>
        All.Zip(calls).Where(pair => pair.Second is { IsCompletedSuccessfully: true, Result: not null }).Sum(pair => pair.First.Validator.Member.Power);

    private async Task<BatchReply?> Submit(ValidatorClient validator, int index, byte[] frame, CancellationToken cancellation)
    {
        if (Interlocked.Increment(ref unanswered[index]) > UnansweredMax)
        {
            _ = Interlocked.Decrement(ref unanswered[index]);
            return null;
        }
        try
        {
            return await One(validator, "SubmitBatch", frame, BatchReply.Parser, HandOverFor, cancellation);
        }
        finally
        {
            Interlocked.Decrement(ref unanswered[index]);
        }
    }

    private static async Task<T?> One<T>(ValidatorClient validator, string method, byte[] frame, MessageParser<T> parser, TimeSpan deadline, CancellationToken cancellation)
        where T : class, IMessage<T>
    {
        try
        {
            return await validator.Call(method, frame, parser, deadline, cancellation);
        }
        catch (Exception e) when (ValidatorClient.IsAway(e))
        {
            return null;
        }
    }

    private Task<T?[]> Ask<T>(string method, IMessage request, MessageParser<T> parser, TimeSpan deadline, CancellationToken cancellation)
        where T : class, IMessage<T>
    {
        var frame = GrpcFrames.Encode(request);
        return Task.WhenAll(All.Select(validator => One(validator, method, frame, parser, deadline, cancellation)));
    }
}
