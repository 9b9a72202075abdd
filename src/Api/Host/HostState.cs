using System.Collections.Immutable;
using System.Text.Json;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;

namespace EventLedger.Api.Host;

/// <summary>
/// Who may do what as this host sees it: folded from the store in log order, without what was rejected. It runs ahead of the seal, so that a source
/// approved a moment ago may submit.
/// </summary>
public sealed class HostState(Genesis genesis, IEventStore store, LedgerHead head, ILogger<HostState> log) : BackgroundService
{
    private const int PageMax = 2048, RequestsMax = 1000;

    private readonly SemaphoreSlim folding = new(1);
    private volatile Snapshot now = new(Registry.From(genesis), 0);

    /// <summary>Places of all events of authority, ascending; rejected ones too.</summary>
    public ImmutableList<long> Controls { get; private set; } = [];

    /// <summary>Places of all evidence against validators and of the answers to it, ascending; rejected ones too.</summary>
    public ImmutableList<long> Evidence { get; private set; } = [];

    /// <summary>Places of the newest requests for registration, ascending; answered ones too.</summary>
    public ImmutableList<long> Requests { get; private set; } = [];

    /// <summary>State after an entry.</summary>
    /// <param name="Registry">Keys, sources, formats, roles.</param>
    /// <param name="Seq">The last entry folded; 0 for none.</param>
    public sealed record Snapshot(Registry Registry, long Seq);

    /// <summary>The state as of now; never changes once handed out.</summary>
    public Snapshot Now => now;

    /// <summary>The registry as of now.</summary>
    public Registry Registry => now.Registry;

    /// <summary>Folds until an entry is in. A caller that just appended waits for its own event.</summary>
    public async Task FoldTo(long seq, CancellationToken cancellation)
    {
        if (now.Seq >= seq)
        {
            return;
        }
        await folding.WaitAsync(cancellation);
        try
        {
            await Fold(seq, cancellation);
        }
        finally
        {
            folding.Release();
        }
    }

    /// <summary>Folds everything anew: an entry that had an effect here was sealed as rejected.</summary>
    public async Task Rebuild(CancellationToken cancellation)
    {
        await folding.WaitAsync(cancellation);
        try
        {
            var before = now;
            now = new(Registry.From(genesis), 0);
            (Controls, Evidence, Requests) = ([], [], []);
            await Fold(before.Seq, cancellation);
        }
        finally
        {
            folding.Release();
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await store.WaitForEntry(now.Seq + 1, TimeSpan.FromMinutes(1), stoppingToken))
                {
                    await FoldTo(now.Seq + 1, stoppingToken);
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                log.LogWarning(e, "Folding the registry waits for the store.");
                await Task.Delay(TimeSpan.FromSeconds(1), stoppingToken);
            }
        }
    }

    private async Task Fold(long seq, CancellationToken cancellation)
    {
        var (registry, at) = now;
        while (at < seq)
        {
            var page = await store.ReadAll(at + 1, PageMax, cancellation);
            if (page.Count == 0)
            {
                break;
            }
            HashSet<long>? rejected = null;
            foreach (var entry in page.Select(p => p.Entry))
            {
                at = entry.Seq;
                var proof = EventTable.Types.GetValueOrDefault(entry.Type);
                if (proof == Proof.Contradiction)
                {
                    Evidence = Evidence.Add(entry.Seq);
                }
                if (entry.Type is EventTable.SourceRequested or EventTable.ApplicationRequested)
                {
                    // Anybody may ask, so the oldest give way.
                    Requests = (Requests.Count < RequestsMax ? Requests : Requests.RemoveAt(0)).Add(entry.Seq);
                }
                if (proof != Proof.Authorization)
                {
                    continue;
                }
                Controls = Controls.Add(entry.Seq);
                rejected ??= [.. (await store.Rejections(page[0].Entry.Seq, page[^1].Entry.Seq, cancellation)).Select(r => r.Seq)];
                if (!rejected.Contains(entry.Seq))
                {
                    registry = Apply(registry, entry);
                }
            }
            now = new(registry, at);
        }
    }

    // What is sealed and not rejected was judged by the validators. What is not yet sealed is judged here: another host may have forged it.
    private Registry Apply(Registry registry, Entry entry)
    {
        using var data = JsonDocument.Parse(entry.Data);
        var (sealedHead, after) = (head.Header, registry);
        if (entry.Seq <= sealedHead.Size)
        {
            return RegistryEvents.Fold(entry, data.RootElement, genesis.Chain, ref after) is null ? after : registry;
        }
        if (Authority.Judge(entry, data.RootElement, genesis, sealedHead, ref after) is { } refused)
        {
            log.LogWarning("Entry {Seq} ({Type}) is not sealed and does not hold: {Code}.", entry.Seq, entry.Type, refused);
            return registry;
        }
        return after;
    }
}
