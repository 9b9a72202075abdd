using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Network;
using EventLedger.Validator.Network.Wire;
using Google.Protobuf;

namespace EventLedger.Validator.Node;

/// <summary>Batches that a proposal names and that are not here: asked of peers, and verified outside of the loop.</summary>
public sealed partial class Node
{
    private readonly HashSet<string> reading = [];
    private readonly HashSet<(string Peer, Digest Value)> answered = [];

    private void Request(Digest value, string from)
    {
        var message = new PeerMessage { BatchRequest = new() { Value = WireForms.Bytes(value) } };
        if (ticks % 2 == 0)
        {
            outside.Send(from, message);
        }
        else
        {
            outside.Broadcast(message);
        }
    }

    // A batch is large: each peer gets one at most once a tick, and its bytes are written outside of the loop.
    private void AnswerBatch(string peer, BatchRequest request)
    {
        if (WireForms.TryValue(request.Value, out var value) && value is { } digest && candidates.TryGetValue(digest, out var candidate) && candidate.Content is not null
            && answered.Add((peer, digest)))
        {
            outside.Offload(() =>
            {
                outside.Send(peer, new() { Batch = Body(candidate) });
                return Task.FromResult<NodeInput?>(null);
            });
        }
    }

    // Verifying a batch is the dearest thing a peer can ask for: only what an open proposal names is verified, and one at a time for each peer. An empty one, a heartbeat's, has no promise.
    private void HearBatch(string peer, BatchReply reply)
    {
        var wanted = Wanted();
        if (wanted.Count == 0 || reply.Entries.Count == 0 || !reading.Add(peer))
        {
            return;
        }
        var (tree, first, keys) = (chain.Tree.Copy(), chain.Tree.Size + 1, signer);
        BatchPromise? promise = null;
        bool IsWanted()
        {
            foreach (var entry in reply.Entries.Take(CheckedBatch.EntriesMax))
            {
                tree.Append(Entry.LeafHash(entry.Span));
            }
            promise = new(first, tree.Size, tree.Root(), reply.Kid, reply.Signature.Memory);
            return wanted.Contains(promise.Root) && IsPromised(peer, keys, promise);
        }
        Read(peer, IsWanted, reply.Entries, reply.Sidecars, batch => new NodeInput.Brought(batch, promise!, Answer: null));
    }

    // A proposer may have made the entries itself, in places that a host has given receipts for. Honest ones pass on no batch that is not a host's.
    private bool IsPromised(string peer, Signer keys, BatchPromise promise)
    {
        var isPromised = keys.Verify(promise, genesis);
        if (!isPromised)
        {
            outside.Blame(peer, PeerFault.Forged);
        }
        return isPromised;
    }

    private HashSet<Digest> Wanted() => [.. candidates.Values.Where(c => c.IsValid is null).Select(c => c.Header.Root)];

    private void Read(string peer, Func<bool> isWanted, IEnumerable<ByteString> entries, IEnumerable<ByteString> sidecars, Func<CheckedBatch, NodeInput> then) =>
        outside.Offload(async () => new NodeInput.Done(peer,
            isWanted() && await outside.Read([.. entries.Select(e => e.Memory)], [.. sidecars.Select(s => s.Memory)]) is { } batch ? then(batch) : null));
}
