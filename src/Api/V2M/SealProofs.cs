using EventLedger.Api.Host;
using EventLedger.Api.Provisioning.Answers;
using EventLedger.Api.V2M.Tables;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;

namespace EventLedger.Api.V2M;

/// <summary>Proofs that a supervisor takes away: that an entry is sealed, and that the log at one time is the beginning of the log at another.</summary>
public sealed class SealProofs(Genesis genesis, IEventStore store, LedgerSets sets, MonitorTables tables, TimeProvider clock)
{
    /// <summary>Consistency between the heads at two times.</summary>
    public async Task<Answer<ConsistencyBundle>> Between(string? from, string? to, CancellationToken cancellation)
    {
        if (Period.Of(from, to, clock) is not { } period)
        {
            return Period.Malformed;
        }
        if (await At(period.From, cancellation) is not var (first, before) || await At(period.To, cancellation) is not var (second, after) || first.Size < 1)
        {
            return new Problem("height-unknown", $"Nothing was sealed by {period.From} yet: choose a later time.");
        }
        return new ConsistencyBundle(first, before, second, after, await store.ConsistencyPath(first.Size, second.Size, cancellation), await Sets(second.Height, cancellation));
    }

    /// <summary>The proof of an entry; null while it is not sealed, and when it was rejected.</summary>
    public async Task<EntryProof?> Of(long seq, CancellationToken cancellation)
    {
        if (await store.BlockOf(seq, cancellation) is not { } block || block.Rejected.Any(r => r.Seq == seq) || await store.ReadAll(seq, 1, cancellation) is not [var stored])
        {
            return null;
        }
        var (header, commit) = Read(block);
        var previous = block.Height == 1 ? genesis.Header : Read(await Block(block.Height - 1, cancellation)).Header;
        return new(stored.Entry, await store.InclusionPath(seq, header.Size, cancellation), header, previous.Results,
            [.. block.Rejected.Select(r => new Rejected(r.Seq, r.Code))], commit, await Sets(header.Height, cancellation), []);
    }

    private async Task<(BlockHeader Header, Commit Commit)?> At(Domain.Kernel.LedgerTime time, CancellationToken cancellation) =>
        (await tables.Read("block_at", row => row.GetInt64(0), cancellation, time.Moment)) is [var height] ? Read(await Block(height, cancellation)) : null;

    private async Task<List<SetStep>> Sets(long highest, CancellationToken cancellation)
    {
        var steps = new List<SetStep>();
        foreach (var step in sets.Steps.Where(s => s.From > 1 && s.From <= highest))
        {
            var (header, commit) = Read(await Block(step.From - 1, cancellation));
            steps.Add(new(header, commit, step.Set));
        }
        return steps;
    }

    private async Task<StoredBlock> Block(long height, CancellationToken cancellation) =>
        await store.Block(height, cancellation) ?? throw new InvalidDataException($"The store lacks block {height}.");

    private static (BlockHeader Header, Commit Commit) Read(StoredBlock block) =>
        BlockHeader.TryParse(block.Header, out var header) && Commit.TryParse(block.Commit, out var commit)
            ? (header, commit)
            : throw new InvalidDataException($"Block {block.Height} in the store is damaged.");
}
