using System.Collections.Immutable;
using System.Text.Json;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;

namespace EventLedger.Api.Host;

/// <summary>
/// Which validators are in force at which height, folded from the sealed events about them that this store holds. The hashes in the headers are what counts:
/// a set is taken for that of a block only where the block before names it.
/// </summary>
public sealed class LedgerSets(Genesis genesis, IEventStore store) : IDisposable
{
    private readonly SemaphoreSlim one = new(1);
    private volatile Folded now = new(Registry.From(genesis).Roll, [new(1, genesis.Set)]);

    /// <summary>From which height on a set is in force.</summary>
    /// <param name="From">The height; the header before it names the set.</param>
    /// <param name="Set">The set.</param>
    public sealed record Step(long From, ValidatorSet Set);

    private sealed record Folded(ValidatorRoll Roll, ImmutableList<Step> Steps);

    /// <summary>Tells that validators came, went or changed.</summary>
    public event Action? Changed;

    /// <summary>All validators as the newest sealed event leaves them.</summary>
    public ValidatorRoll Roll => now.Roll;

    /// <summary>The genesis set and every change, ascending.</summary>
    public IReadOnlyList<Step> Steps => now.Steps;

    /// <summary>The set in force at a height; above the second block after the head it is the newest that is known.</summary>
    public ValidatorSet At(long height) => now.Steps.FindLast(s => s.From <= height)?.Set ?? genesis.Set;

    /// <summary>What people call the validator with this consensus key.</summary>
    public string NameOf(string kid) => now.Roll.Known.GetValueOrDefault(kid)?.Validator.Name ?? kid;

    /// <summary>Takes notice of a stored block: when its header names a set that is not known here, the events are read anew.</summary>
    public async Task Follow(BlockHeader header, CancellationToken cancellation)
    {
        if (At(header.Height + 1).Hash != header.NextValidators)
        {
            await Load(cancellation);
        }
    }

    /// <summary>Folds the sealed events about validators. They are few: each needed the signatures of people.</summary>
    public async Task Load(CancellationToken cancellation)
    {
        await one.WaitAsync(cancellation);
        try
        {
            var registry = Registry.From(genesis);
            var steps = ImmutableList.Create(new Step(1, genesis.Set));
            foreach (var entry in await store.ReadStream(EventTable.ValidatorStream, 1, cancellation))
            {
                if (await store.BlockOf(entry.Entry.Seq, cancellation) is not { } block)
                {
                    break;
                }
                var before = registry.Roll.Set;
                if (!block.Rejected.Any(r => r.Seq == entry.Entry.Seq))
                {
                    using var data = JsonDocument.Parse(entry.Entry.Data);
                    RegistryEvents.Fold(entry.Entry, data.RootElement, genesis.Chain, ref registry);
                }
                steps = registry.Roll.Set == before ? steps : steps.Add(new(block.Height + 2, registry.Roll.Set));
            }
            var isNew = registry.Roll.Set.Hash != now.Roll.Set.Hash || registry.Roll.Known.Count != now.Roll.Known.Count
                || registry.Roll.Known.Any(k => now.Roll.Known.GetValueOrDefault(k.Key)?.State != k.Value.State);
            now = new(registry.Roll, steps);
            if (isNew)
            {
                Changed?.Invoke();
            }
        }
        finally
        {
            one.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => one.Dispose();
}
