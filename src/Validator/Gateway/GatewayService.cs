using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Network;
using EventLedger.Validator.Node;
using EventLedger.Validator.Storage;
using EventLedger.Wire;
using Google.Protobuf;

namespace EventLedger.Validator.Gateway;

/// <summary>The calls of <c>ledger.proto</c>: P2R, S2P and M2P as one validator answers them.</summary>
public sealed class GatewayService(string name, Genesis genesis, NodeLoop node, BlockStore store, EvidenceStore evidence, OwnKeys own, PeerAccounts accounts)
{
    private const string Service = "/eventledger.v1.Gateway/";

    // A question is a few numbers; only a batch is large.
    private const int QuestionBytesMax = 256;

    private readonly HashSet<string> hosts = [.. genesis.Hosts.Select(h => h.Transport.Kid)];

    /// <summary>Maps all calls.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapUnary(Service + "SubmitBatch", Batch.Parser, GrpcFrames.MessageBytesMax, SubmitBatch, AdmitHost);
        routes.MapUnary(Service + "GetHead", HeadRequest.Parser, QuestionBytesMax, (_, ct) => Head(ct));
        routes.MapServerStream(Service + "GetBlocks", BlocksRequest.Parser, QuestionBytesMax, GetBlocks);
        routes.MapUnary(Service + "GetStatus", StatusRequest.Parser, QuestionBytesMax, GetStatus);
        routes.MapUnary(Service + "GetHealth", HealthRequest.Parser, QuestionBytesMax, (_, _) => Task.FromResult(Health()));
        routes.MapUnary(Service + "GetEvidence", EvidenceRequest.Parser, QuestionBytesMax, (request, _) => Task.FromResult(Evidence(request.Seen)));
    }

    private void AdmitHost(HttpContext http)
    {
        if (!hosts.Contains(TransportCertificate.KidOf(http.Connection.ClientCertificate)))
        {
            throw new GrpcException(GrpcCode.PermissionDenied, "only a host's transport key may hand over batches");
        }
    }

    private async Task<BatchReply> SubmitBatch(Batch batch, CancellationToken ct)
    {
        var size = node.Status.Size;
        var reason = batch.Items.Count == 0 || batch.First + batch.Items.Count - 1 <= size ? "not-next"
            : !TryPromise(batch, out var promise) ? "not-signed"
            : await node.Submit([.. batch.Items.Select(i => i.Entry.Memory)], [.. batch.Items.Select(i => i.Sidecar.Memory)], promise, ct);
        var status = node.Status;
        return new() { Height = status.Height, Size = status.Size, Held = reason is null, Reason = reason ?? "" };
    }

    private static bool TryPromise(Batch batch, [NotNullWhen(true)] out BatchPromise? promise)
    {
        promise = WireForms.TryValue(batch.Root, out var value) && value is { } root
            ? new(batch.First, batch.First + batch.Items.Count - 1, root, batch.Kid, batch.Signature.Memory)
            : null;
        return promise is not null;
    }

    private async Task<Block> Head(CancellationToken ct) => node.Head.Height is > 0 and var height ? Wire(await Read(height, ct), withItems: false) : new();

    private async IAsyncEnumerable<Block> GetBlocks(BlocksRequest request, [EnumeratorCancellation] CancellationToken ct)
    {
        var sent = 0;
        for (var height = Math.Max(1, request.FromHeight); request.Limit <= 0 || sent < request.Limit; height++, sent++)
        {
            if (height > node.Head.Height)
            {
                if (!request.Follow)
                {
                    yield break;
                }
                await node.Head.Reached(height, ct);
            }
            yield return Wire(await Read(height, ct), request.WithItems);
        }
    }

    private async Task<StatusReply> GetStatus(StatusRequest request, CancellationToken ct)
    {
        var at = request.Seq < 1 ? 0 : store.HeightOf(request.Seq);
        if (at == 0)
        {
            return new() { Problem = "unknown-record" };
        }
        var block = await Read(at, ct);
        var entry = CheckedEntry.TryReadSealed(block.Entries[(int)(request.Seq - block.First)]);
        if (entry?.Record is not { } record || Chain.ReadRejected(block.Rejected).Any(r => r.Seq == request.Seq))
        {
            return new() { Problem = "no-status" };
        }
        var (statement, set) = await node.Ask(chain =>
        {
            var height = request.Height > 0 ? request.Height : chain.Head.Height;
            return (chain.State.StatusOf(entry.Entry, entry.Leaf, record, height), chain.State.SetAt(height));
        }, ct);
        if (statement is null)
        {
            return new() { Problem = "unknown-height" };
        }
        var bytes = statement.ToBytes();
        // A status as of a height before a rotation counts with the key of then.
        var statusKey = (own.In(set) ?? own.First).Keys.Keys[KeyPurpose.Status];
        return new()
        {
            Statement = UnsafeByteOperations.UnsafeWrap(bytes), Kid = statusKey.Public.Kid, Signature = UnsafeByteOperations.UnsafeWrap(statusKey.Sign(bytes)),
        };
    }

    private HealthReply Health()
    {
        var s = node.Status;
        return new()
        {
            Name = name, Kids = { own.Kids }, Height = s.Height, Size = s.Size, Round = s.Round, Step = s.Step, Observing = s.IsObserving, Problem = s.Problem, Peers = { node.Connected },
            Mended = { node.Mended.Select(m => new Mended { Height = m.Height, Seqs = { m.Seqs }, What = m.What }) },
            Standings = { accounts.Standings.Select(Wire) }, ClockMs = node.Clock.GetUtcNow().ToUnixTimeMilliseconds(),
        };
    }

    private static Standing Wire(PeerStanding s) => new()
    {
        Kid = s.Kid, Trust = s.Trust, Messages = s.Messages, Bytes = s.Bytes, Useless = s.Useless, Forged = s.Forged, Unasked = s.Unasked, Pushing = s.Pushing,
        Malformed = s.Malformed, SlowedMs = s.SlowedMs, Closings = s.Closings,
    };

    private EvidenceReply Evidence(ByteString seen)
    {
        var items = evidence.All.Select(e => e.ToBytes()).ToList();
        var state = ByteString.CopyFrom(SHA256.HashData(items.SelectMany(SHA256.HashData).ToArray()));
        return new() { State = state, Items = { (state == seen ? [] : items).Select(item => UnsafeByteOperations.UnsafeWrap(item)) } };
    }

    private async Task<StoredBlock> Read(long height, CancellationToken ct)
    {
        if (node.Head.Newest is { } newest && newest.Height == height)
        {
            return newest;
        }
        try
        {
            return store.Read(height) ?? throw new GrpcException(GrpcCode.InvalidArgument, $"there is no block {height}");
        }
        catch (BlockStoreCorruptException e)
        {
            await node.Post(new NodeInput.Damaged(e));
            // Who is told now and asks for the health next must find it there.
            await node.Ask(_ => true, ct);
            throw new GrpcException(GrpcCode.DataLoss, e.Message);
        }
    }

    private static Block Wire(StoredBlock b, bool withItems)
    {
        var block = new Block { Height = b.Height, Header = UnsafeByteOperations.UnsafeWrap(b.Header), Commit = UnsafeByteOperations.UnsafeWrap(b.Commit) };
        block.Rejected.AddRange(Chain.ReadRejected(b.Rejected).Select(r => new Rejection { Seq = r.Seq, Code = r.Code }));
        if (withItems)
        {
            block.Items.AddRange(b.Entries.Select((e, i) => new Item { Entry = UnsafeByteOperations.UnsafeWrap(e), Sidecar = UnsafeByteOperations.UnsafeWrap(b.Sidecars[i]) }));
        }
        return block;
    }
}
