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

    private readonly X509Certificate2 own;

    /// <summary>Makes a client for each; nothing is connected yet.</summary>
    public Validators(Genesis genesis, HostKeys keys)
    {
        own = TransportCertificate.Create(ECDsa.Create(keys.Transport.Export()));
        All = [.. genesis.Validators.Select(v => new ValidatorClient(v, own))];
    }

    /// <summary>One client for each validator.</summary>
    public IReadOnlyList<ValidatorClient> All { get; }

    /// <summary>Hands a batch to everyone; null for those that cannot be had.</summary>
    public Task<BatchReply?[]> Submit(Batch batch, CancellationToken cancellation) => Ask("SubmitBatch", batch, BatchReply.Parser, HandOverFor, cancellation);

    /// <summary>Everyone's newest block, without items; null for those that cannot be had.</summary>
    public Task<Block?[]> Heads(CancellationToken cancellation) => Ask("GetHead", new HeadRequest(), Block.Parser, AskFor, cancellation);

    /// <summary>Everyone's health; null for those that cannot be had.</summary>
    public Task<HealthReply?[]> Health(CancellationToken cancellation) => Ask("GetHealth", new HealthRequest(), HealthReply.Parser, AskFor, cancellation);

    /// <summary>Everyone's evidence; null for those that cannot be had.</summary>
    /// <param name="seen">The state of each one's last answer.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<EvidenceReply?[]> Evidence(IReadOnlyList<ByteString> seen, CancellationToken cancellation) =>
        Ask("GetEvidence", [.. seen.Select(state => GrpcFrames.Encode(new EvidenceRequest { Seen = state }))], EvidenceReply.Parser, AskFor, cancellation);

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

    private Task<T?[]> Ask<T>(string method, IMessage request, MessageParser<T> parser, TimeSpan deadline, CancellationToken cancellation)
        where T : class, IMessage<T>
    {
        var frame = GrpcFrames.Encode(request);
        return Ask(method, [.. All.Select(_ => frame)], parser, deadline, cancellation);
    }

    private Task<T?[]> Ask<T>(string method, IReadOnlyList<byte[]> frames, MessageParser<T> parser, TimeSpan deadline, CancellationToken cancellation)
        where T : class, IMessage<T>
    {
        return Task.WhenAll(All.Select(async (validator, i) =>
        {
            try
            {
                return await validator.Call(method, frames[i], parser, deadline, cancellation);
            }
            catch (Exception e) when (ValidatorClient.IsAway(e))
            {
                return null;
            }
        }));
    }
}
