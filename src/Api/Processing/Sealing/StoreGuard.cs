using EventLedger.Api.Host;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using EventLedger.EventStore.Postgres;
using EventLedger.Wire;
using Npgsql;

namespace EventLedger.Api.Processing.Sealing;

/// <summary>
/// Lets the store take entries only while it is known not to be behind the chain: at start, and whenever another database server answers, the validators are
/// asked for the highest head that a commit proves. Source: DESIGN section 5.5.
/// </summary>
public sealed class StoreGuard(Genesis genesis, PostgresEventStore store, LedgerHead head, LedgerSets sets, HostState state, Validators validators, BlockTaker taker, Readiness readiness,
    LedgerOptions options, ILogger<StoreGuard> log) : BackgroundService
{
    private const string Comparing = "the store is being compared with the chain";

    private readonly SemaphoreSlim one = new(1);
    private readonly TaskCompletionSource passed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ServerIdentity? known;
    private volatile bool doubted;

    /// <summary>Waits until the store was once found whole.</summary>
    public Task Passed(CancellationToken cancellation) => passed.Task.WaitAsync(cancellation);

    /// <summary>Something does not fit: nothing is taken in until the store was compared anew.</summary>
    public void Doubt()
    {
        store.ReadOnlyReason = Comparing;
        doubted = true;
    }

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        Doubt();
        store.Reconnected = Reconnected;
        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Look(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or System.Net.Sockets.SocketException or IOException or TimeoutException)
            {
                log.LogWarning("The database does not answer: {Reason}", e.Message);
            }
            var pause = doubted ? TimeSpan.FromMilliseconds(500) : options.GuardEvery;
            await Task.Delay(pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Called before the store writes again over a new connection. Whether this is the same server decides whether what was acknowledged is still there.
    private async Task Reconnected(CancellationToken cancellation)
    {
        await Look(cancellation);
    }

    private async Task Look(CancellationToken cancellation)
    {
        await one.WaitAsync(cancellation);
        try
        {
            var server = await store.Server(cancellation);
            if (server != known)
            {
                if (known is not null)
                {
                    log.LogWarning("Another database server answers ({Server}); the store is compared with the chain.", server);
                }
                Doubt();
            }
            if (doubted)
            {
                var reason = await Compare(cancellation);
                // Whoever may submit must be known before the first submission comes.
                await state.FoldTo((await store.Head(cancellation)).Seq, cancellation);
                known = server;
                if (reason != store.ReadOnlyReason && reason is not null)
                {
                    log.LogError("The store is read-only: {Reason}", reason);
                }
                store.ReadOnlyReason = reason;
                doubted = reason is not null;
                Tell(reason);
            }
        }
        finally
        {
            one.Release();
        }
    }

    private void Tell(string? reason)
    {
        if (reason is null)
        {
            readiness.Ready();
            passed.TrySetResult();
        }
        else
        {
            readiness.WaitsFor(reason);
        }
    }

    // Null when the store holds everything up to the highest proved head.
    private async Task<string?> Compare(CancellationToken cancellation)
    {
        var answers = (await validators.Heads(cancellation)).Where(a => a.Reply is not null).Select(a => (Block: a.Reply, a.From)).ToList();
        var needed = sets.At(head.Header.Height + 1).Tolerates + 1;
        if (answers.Count < needed)
        {
            return $"only {answers.Count} of {validators.All.Count} validators answer; {needed} are needed to know the head of the chain";
        }
        foreach (var ahead in answers.Where(a => a.Block!.Height > head.Header.Height && taker.Proved(a.Block) is null))
        {
            if (await Walk(ahead.From, ahead.Block!.Height, cancellation) is { } problem)
            {
                return problem;
            }
        }
        var proved = answers.Select(a => (Head: taker.Proved(a.Block!), a.From)).Where(a => a.Head is not null).OrderByDescending(a => a.Head!.Value.Header.Height).ToList();
        if (proved.Count == 0 && answers.Any(a => a.Block!.Height > 0))
        {
            return "a validator shows a head that no commit proves";
        }
        var end = await store.Head(cancellation);
        if (proved.Count == 0)
        {
            return end.Seq > 0 ? await Own(cancellation) : await Begin(cancellation);
        }
        var (chain, from) = (proved[0].Head!.Value.Header, proved[0].From);
        if (await Own(cancellation) is { } damaged)
        {
            return damaged;
        }
        return chain.Height <= head.Header.Height ? null : await CatchUp(from, chain, end, cancellation);
    }

    // The chain has no block yet and the store no entry: this is the beginning.
    private async Task<string?> Begin(CancellationToken cancellation)
    {
        await store.Restore([new(genesis.Entry.ToBytes(), default, [])], cancellation);
        return null;
    }

    // The tree over the own entries must be the one that was sealed: what is stored was proved once and may have changed since.
    private async Task<string?> Own(CancellationToken cancellation)
    {
        var sealedHead = head.Header;
        if (sealedHead.Size == 0)
        {
            return null;
        }
        var end = await store.Head(cancellation);
        if (end.Seq < sealedHead.Size)
        {
            return $"entry {end.Seq + 1} is missing: the chain has {sealedHead.Size} sealed entries and the store ends at {end.Seq}";
        }
        var tree = await store.Frontier(sealedHead.Size, cancellation);
        return tree.Root() == sealedHead.Root ? null : await Difference(validators.All, 1, cancellation);
    }

    // The validators may have changed between the own head and this one: each block proves the set of the next, so the way there is walked. What
    // proves nothing is left to the other answers.
    private async Task<string?> Walk(ValidatorClient from, long height, CancellationToken cancellation)
    {
        try
        {
            await foreach (var block in from.Blocks(new() { FromHeight = head.Header.Height + 1, Limit = (int)(height - head.Header.Height) }, cancellation))
            {
                switch (await taker.Take(block, cancellation))
                {
                    case BlockFate.Unproved:
                        return null;
                    case BlockFate.EntryMissing:
                        return $"entry {(await store.Head(cancellation)).Seq + 1} is missing";
                    case BlockFate.EntryDiffers:
                        return await Difference([from], block.Height, cancellation);
                }
            }
        }
        catch (Exception e) when (ValidatorClient.IsAway(e))
        {
            log.LogWarning("Validator {Name} stopped answering: {Reason}", from.Validator.Name, e.Message);
        }
        return null;
    }

    // Missing block rows are simply fetched; missing entries are not: they need 'ledger recover'.
    private async Task<string?> CatchUp(ValidatorClient from, BlockHeader chain, Head end, CancellationToken cancellation)
    {
        if (end.Seq < chain.Size)
        {
            return $"entry {end.Seq + 1} is missing: the chain has {chain.Size} sealed entries and the store ends at {end.Seq}";
        }
        try
        {
            var request = new BlocksRequest { FromHeight = head.Header.Height + 1, Limit = (int)(chain.Height - head.Header.Height) };
            await foreach (var block in from.Blocks(request, cancellation))
            {
                switch (await taker.Take(block, cancellation))
                {
                    case BlockFate.EntryMissing:
                        return $"entry {(await store.Head(cancellation)).Seq + 1} is missing";
                    case BlockFate.EntryDiffers:
                        return await Difference([from], block.Height, cancellation);
                    case BlockFate.Unproved:
                        return $"validator {from.Validator.Name} sent a block {block.Height} that no commit proves";
                }
            }
            return head.Header.Height >= chain.Height ? null : Comparing;
        }
        catch (Exception e) when (ValidatorClient.IsAway(e))
        {
            return $"validator {from.Validator.Name} stopped answering";
        }
    }

    // Names the first entry that is not as it was sealed.
    private async Task<string> Difference(IReadOnlyList<ValidatorClient> askable, long fromHeight, CancellationToken cancellation)
    {
        foreach (var validator in askable)
        {
            try
            {
                await foreach (var block in validator.Blocks(new() { FromHeight = fromHeight, WithItems = true }, cancellation))
                {
                    if (await FirstDifference(block, cancellation) is { } seq)
                    {
                        return $"entry {seq} is not the one that was sealed in block {block.Height}";
                    }
                }
            }
            catch (Exception e) when (ValidatorClient.IsAway(e))
            {
                continue;
            }
        }
        return "the entries are not those that were sealed; './ledger audit' names each";
    }

    private async Task<long?> FirstDifference(Block block, CancellationToken cancellation)
    {
        foreach (var item in block.Items)
        {
            if (Entry.TryParse(item.Entry.Memory, out var entry)
                && (await store.ReadAll(entry.Seq, 1, cancellation) is not [var own] || own.Leaf != Entry.LeafHash(item.Entry.Span)))
            {
                return entry.Seq;
            }
        }
        return null;
    }
}
