using EventLedger.Api.Host;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using EventLedger.Wire;
using Google.Protobuf;

namespace EventLedger.Api.Processing.Sealing;

/// <summary>
/// Hands entries to the validators in batches. An entry that comes while all is calm goes at once; those that follow wait until a moment has passed since the
/// batch before and nothing is being decided any more, or until they are worth a batch of their own. So load makes few blocks, whose cost many entries share.
/// </summary>
public sealed class HandOver(IEventStore store, LedgerHead head, Validators validators, HostKeys keys, HostState state, Genesis genesis, TimeProvider clock, ILogger<HandOver> log)
{
    private const int EntryBytesMax = 1 << 20, SidecarBytesMax = 4 << 20;

    // The validators take one batch behind the one being decided and one more behind that.
    private const int AheadMax = 2;

    // From here on the cost of one more block is small beside that of checking its entries.
    private const int WorthABatch = 256;

    // A block costs all processes together tens of milliseconds of processor time, however little is in it: more than twenty a second would leave less for what
    // is in them, and the wait is half of this on average.
    private static readonly TimeSpan BlockPace = TimeSpan.FromMilliseconds(50);

    // Longer than any healthy round: then something was lost, and handing it over again is harmless.
    private static readonly TimeSpan StalledAfter = TimeSpan.FromSeconds(1), RetryAfter = TimeSpan.FromMilliseconds(200);

    private readonly Queue<Batch> outstanding = new();
    private long next = 1;
    private long handedOver;        // When the last batch went, by the monotonic clock.
    private MerkleFrontier? tree;   // Of this store, up to what was handed over; null when it must be read.

    /// <summary>Runs until cancelled, or until store or network fail in a way that only a new start mends.</summary>
    public async Task Run(CancellationToken cancellation)
    {
        outstanding.Clear();
        next = head.Header.Size + 1;
        tree = null;
        while (true)
        {
            Settle();
            if (outstanding.Count == 0)
            {
                if (await store.WaitForEntry(next, TimeSpan.FromSeconds(30), cancellation))
                {
                    await Pace(cancellation);
                    if (await Next(cancellation) is var (batch, after))
                    {
                        await Offer(batch, after, cancellation);
                    }
                }
            }
            else if (outstanding.Count <= AheadMax && await store.WaitForEntry(next + WorthABatch - 1, TimeSpan.Zero, cancellation) && await Next(cancellation) is var (ahead, beyond))
            {
                await Offer(ahead, beyond, cancellation);
            }
            else
            {
                await Wait(cancellation);
            }
        }
    }

    // A sealed block may have been cut by another host before this one: whatever it left is cut anew.
    private void Settle()
    {
        var size = head.Header.Size;
        while (outstanding.TryPeek(out var batch) && Last(batch) <= size)
        {
            outstanding.Dequeue();
        }
        // And the limit may have come down since a batch was cut.
        if (outstanding.TryPeek(out var first) ? first.First != size + 1 || first.Items.Count > EntriesMax(0) : next != size + 1)
        {
            outstanding.Clear();
            next = size + 1;
        }
    }

    private async Task Wait(CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var decided = head.WaitSealed(Last(outstanding.Peek()), StalledAfter, either.Token);
        var grown = outstanding.Count <= AheadMax ? store.WaitForEntry(next + WorthABatch - 1, StalledAfter, either.Token) : decided;
        var first = await Task.WhenAny(decided, grown);
        var happened = await first;
        await either.CancelAsync();
        await ((Task)Task.WhenAll(decided, grown)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellation.ThrowIfCancellationRequested();
        if (!happened && !head.IsSealed(Last(outstanding.Peek())))
        {
            foreach (var batch in outstanding)
            {
                await validators.Submit(batch, cancellation);
            }
        }
    }

    // When this returns the next batch may go, however small it is.
    private async Task Pace(CancellationToken cancellation)
    {
        if (BlockPace - clock.GetElapsedTime(handedOver) is { Ticks: > 0 } left)
        {
            await store.WaitForEntry(next + WorthABatch - 1, left, cancellation);
        }
    }

    private async Task Offer(Batch batch, MerkleFrontier after, CancellationToken cancellation)
    {
        while (true)
        {
            var replies = await validators.Submit(batch, cancellation);
            if (replies.Any(r => r is { Held: true }))
            {
                // Whoever misses it fetches it from a peer.
                outstanding.Enqueue(batch);
                (next, tree, handedOver) = (Last(batch) + 1, after, clock.GetTimestamp());
                return;
            }
            if (replies.Any(r => r?.Size >= batch.First))
            {
                // Sealed meanwhile; the block is on its way here.
                await head.WaitSealed(batch.First, RetryAfter, cancellation);
                return;
            }
            if (replies.FirstOrDefault(r => r is { Reason: "too-large" or "malformed" or "not-signed" }) is { } refused)
            {
                log.LogError("Validators refuse the batch that begins with entry {Seq}: {Reason}.", batch.First, refused.Reason);
            }
            await head.WaitSealed(batch.First, RetryAfter, cancellation);
            if (head.IsSealed(batch.First))
            {
                return;
            }
        }
    }

    // The next batch, promised to be this host's log, and the tree after it.
    private async Task<(Batch Batch, MerkleFrontier After)?> Next(CancellationToken cancellation)
    {
        var entries = await store.ReadAll(next, EntriesMax(outstanding.Count), cancellation);
        if (entries.Count == 0)
        {
            return null;
        }
        var sidecars = await store.ReadSidecars(next, next + entries.Count - 1, cancellation);
        if (tree?.Size != next - 1)
        {
            tree = await store.Frontier(next - 1, cancellation);
        }
        var (batch, after) = (new Batch { First = next }, tree.Copy());
        var (entryBytes, sidecarBytes) = (0L, 0L);
        foreach (var entry in entries)
        {
            var sidecar = sidecars.GetValueOrDefault(entry.Entry.Seq);
            entryBytes += entry.Bytes.Length;
            sidecarBytes += sidecar.Length;
            if (batch.Items.Count > 0 && (entryBytes > EntryBytesMax || sidecarBytes > SidecarBytesMax))
            {
                break;
            }
            batch.Items.Add(new Item { Entry = UnsafeByteOperations.UnsafeWrap(entry.Bytes), Sidecar = UnsafeByteOperations.UnsafeWrap(sidecar) });
            // The leaf that its receipt names: should the bytes have changed since, then validators refuse the batch and nothing else is sealed in its place.
            after.Append(entry.Leaf);
        }
        var promise = BatchPromise.Create(keys.Receipt, genesis.Chain, batch.First, after);
        (batch.Root, batch.Kid, batch.Signature) = (ByteString.CopyFrom(promise.Root.ToArray()), promise.Kid, UnsafeByteOperations.UnsafeWrap(promise.Sig));
        return (batch, after);
    }

    // As many as a block may hold when this batch's turn comes, which is after the ones that are on their way.
    private int EntriesMax(int ahead) => LedgerParameters.At(state.Registry.Parameters, head.Header.Height + 1 + ahead).BlockEntriesMax;

    private static long Last(Batch batch) => batch.First + batch.Items.Count - 1;
}
