using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EventLedger.Api.Host;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Wire;
using Google.Protobuf;

namespace EventLedger.Api.Processing.Sealing;

/// <summary>The validators of this chain, asked all at once: those with a seat, as the sealed events about them have it.</summary>
public sealed class Validators : IDisposable
{
    private static readonly TimeSpan HandOverFor = TimeSpan.FromSeconds(5), AskFor = TimeSpan.FromSeconds(2);

    // A validator that takes nothing any more keeps this many batches in memory, and no more.
    private const int UnansweredMax = 4;

    private readonly X509Certificate2 own;
    private readonly ConcurrentDictionary<ValidatorClient, int> unanswered = new();
    private readonly LedgerSets sets;
    private readonly Lock gate = new();
    private readonly Dictionary<string, ValidatorClient> clients = new(StringComparer.Ordinal);
    private volatile TaskCompletionSource changed = NewSignal();

    /// <summary>Makes a client for each; nothing is connected yet.</summary>
    public Validators(HostKeys keys, LedgerSets sets)
    {
        (own, this.sets) = (TransportCertificate.Create(ECDsa.Create(keys.Transport.Export())), sets);
        sets.Changed += Update;
        Update();
    }

    /// <summary>One client for each validator in the newest set.</summary>
    public IReadOnlyList<ValidatorClient> All { get; private set; } = [];

    /// <summary>One for each that is invited and has no seat.</summary>
    public IReadOnlyList<ValidatorClient> Observers { get; private set; } = [];

    /// <summary>Ends when <see cref="All"/> is no longer what it was.</summary>
    public Task Changed => changed.Task;

    /// <summary>
    /// Hands a batch to everyone and waits for answers from more than two thirds of the power, or until no more can come: one that is there and says
    /// nothing must not hold up the seal. Null for those that cannot be had or are late.
    /// </summary>
    public async Task<BatchReply?[]> Submit(Batch batch, CancellationToken cancellation)
    {
        var frame = GrpcFrames.Encode(batch);
        var all = All;
        var calls = all.Select(validator => Submit(validator, frame, cancellation)).ToList();
        var replies = new BatchReply?[calls.Count];
        while (calls.FindAll(c => !c.IsCompleted) is [_, ..] open && 3 * Answered(all, calls) <= 2 * all.Sum(v => v.Validator.Member.Power))
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
    public Task<(ValidatorClient From, Block? Reply)[]> Heads(CancellationToken cancellation) => Ask(All, "GetHead", new HeadRequest(), Block.Parser, AskFor, cancellation);

    /// <summary>Everyone's health, observers' too; null for those that cannot be had.</summary>
    public Task<(ValidatorClient From, HealthReply? Reply)[]> Health(CancellationToken cancellation) => Ask([.. All, .. Observers], "GetHealth", new HealthRequest(), HealthReply.Parser, AskFor, cancellation);

    /// <summary>Everyone's evidence; null for those that cannot be had.</summary>
    /// <param name="seen">The state of each one's last answer.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<(ValidatorClient From, EvidenceReply? Reply)[]> Evidence(Func<ValidatorClient, ByteString> seen, CancellationToken cancellation) =>
        Task.WhenAll(All.Select(async v =>
            (v, await One(v, "GetEvidence", GrpcFrames.Encode(new EvidenceRequest { Seen = seen(v) }), EvidenceReply.Parser, AskFor, cancellation))));

    /// <summary>What validators sign about a record's status, those that answer.</summary>
    public async Task<IReadOnlyList<(StatusStatement Statement, KidSignature Signature)>> Status(long seq, long height, CancellationToken cancellation)
    {
        var replies = await Ask(All, "GetStatus", new StatusRequest { Seq = seq, Height = height }, StatusReply.Parser, AskFor, cancellation);
        var said = new List<(StatusStatement, KidSignature)>();
        foreach (var (_, reply) in replies)
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
        sets.Changed -= Update;
        foreach (var client in clients.Values)
        {
            client.Dispose();
        }
        own.Dispose();
    }

    private static long Answered(IReadOnlyList<ValidatorClient> all, List<Task<BatchReply?>> calls) =>
        all.Zip(calls).Where(pair => pair.Second is { IsCompletedSuccessfully: true, Result: not null }).Sum(pair => pair.First.Validator.Member.Power);

    private async Task<BatchReply?> Submit(ValidatorClient validator, byte[] frame, CancellationToken cancellation)
    {
        try
        {
            return unanswered.AddOrUpdate(validator, 1, (_, n) => n + 1) > UnansweredMax ? null : await One(validator, "SubmitBatch", frame, BatchReply.Parser, HandOverFor, cancellation);
        }
        finally
        {
            unanswered.AddOrUpdate(validator, 0, (_, n) => n - 1);
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

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Clients of those who left are kept to the end: a call may still be on its way, and they are few.
    private void Update()
    {
        lock (gate)
        {
            var roll = sets.Roll;
            var seated = roll.In(SeatState.Seated).ToList();
            All = [.. seated.Select(ClientOf)];
            Observers = [.. roll.In(SeatState.Invited).Where(i => !seated.Exists(s => s.Validator.Name == i.Validator.Name)).Select(ClientOf)];
            var before = changed;
            changed = NewSignal();
            before.SetResult();
        }
    }

    // A validator may still show a key that a rotation has replaced, for it learns of the switch from the same blocks.
    private ValidatorClient ClientOf(Introduction introduction)
    {
        if (!clients.TryGetValue(introduction.Kid, out var client))
        {
            var (name, replaced) = (introduction.Validator.Name, sets.Roll.In(SeatState.Replaced));
            client = new(introduction.Validator, own, [.. replaced.Where(r => r.Validator.Name == name).Select(r => r.Validator.Member.Keys[KeyPurpose.Transport].Kid)]);
            clients.Add(introduction.Kid, client);
        }
        return client;
    }

    private static Task<(ValidatorClient From, T? Reply)[]> Ask<T>(IReadOnlyList<ValidatorClient> all, string method, IMessage request, MessageParser<T> parser, TimeSpan deadline, CancellationToken cancellation)
        where T : class, IMessage<T>
    {
        var frame = GrpcFrames.Encode(request);
        return Task.WhenAll(all.Select(async validator => (validator, await One(validator, method, frame, parser, deadline, cancellation))));
    }
}
