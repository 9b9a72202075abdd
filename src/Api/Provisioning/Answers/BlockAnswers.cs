using System.Globalization;
using EventLedger.Api.Host;
using EventLedger.Api.Provisioning.Records;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;

namespace EventLedger.Api.Provisioning.Answers;

/// <summary>Answers about blocks, for people and their pages.</summary>
public sealed class BlockAnswers(LedgerSets sets, IEventStore store, RecordTables tables, Snapshot snapshot, RecordAnswers records)
{
    /// <summary>Most blocks of one page.</summary>
    public const int LimitMax = 200;

    private const int RecordsMax = 100;

    /// <summary>Blocks, newest first.</summary>
    /// <param name="limit">1 to 200.</param>
    /// <param name="before">Height of the last block of the page before; null for the first page.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<Answer<BlockPage>> Page(int limit, long? before, CancellationToken cancellation)
    {
        if (limit is < 1 or > LimitMax || before < 1)
        {
            return new Problem("request-malformed", $"'limit' is 1 to {LimitMax}, 'before' a height.");
        }
        var asOf = await snapshot.Now(cancellation);
        var items = new List<BlockSummary>();
        for (var height = Math.Min(asOf.Height, (before ?? long.MaxValue) - 1); height >= 1 && items.Count < limit; height--)
        {
            var block = await Known(height, cancellation);
            items.Add(new(height, block.Time, block.First, block.Size, block.Size - block.First + 1, Digest.Of(block.Header.Span).ToString()));
        }
        var more = items.Count > 0 && items[^1].Height > 1;
        return new BlockPage(asOf.Height, asOf, items, more ? string.Create(CultureInfo.InvariantCulture, $"/u2s/v1/blocks?limit={limit}&before={items[^1].Height}") : null);
    }

    /// <summary>One block.</summary>
    public async Task<Answer<BlockView>> Block(long height, CancellationToken cancellation)
    {
        var asOf = await snapshot.Now(cancellation);
        if (height < 1 || height > asOf.Height)
        {
            return new Problem("height-unknown", $"There is no block {height} yet: the newest is {asOf.Height}.");
        }
        var block = await Known(height, cancellation);
        if (!BlockHeader.TryParse(block.Header, out var header) || !Commit.TryParse(block.Commit, out var commit))
        {
            throw new InvalidDataException($"Block {height} in the store is damaged.");
        }
        var rows = await tables.Page(new(block.First - 1, block.Size, null, null), RecordsMax, cancellation);
        return new BlockView(height, header.Time, header.First, header.Size, header.Count, header.Hash.ToString(), header.Prev.ToString(), header.Root.ToString(),
            sets.NameOf(header.Proposer), [.. commit.Signatures.Select(s => sets.NameOf(s.Kid))], sets.At(height).Members.Count,
            [.. block.Rejected.Select(r => new RejectedView(r.Seq, r.Code))], await records.Summaries(rows, asOf, cancellation), asOf);
    }

    private async Task<StoredBlock> Known(long height, CancellationToken cancellation) =>
        await store.Block(height, cancellation) ?? throw new InvalidDataException($"The store lacks block {height}.");
}
