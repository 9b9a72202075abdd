using EventLedger.Domain.Ledger;
using EventLedger.Validator.Storage;

namespace EventLedger.Validator.Tests.Simulation;

/// <summary>Sealed blocks in memory, as the rows and with the checksum that the real store has. A write happens as a whole or not at all.</summary>
internal sealed class SimStore(Action effect, Action<StoredBlock> written) : IBlockStore
{
    private List<SimRow?> rows = [];

    public long Height => rows.Count;

    /// <summary>The write that has not returned: false before the block is durable, true after; null when there is none.</summary>
    public bool? IsDurable { get; private set; }

    public void Write(StoredBlock block, BatchVerdict? effects)
    {
        IsDurable = false;
        effect();
        if (block.Height > rows.Count + 1)
        {
            throw new InvalidOperationException($"Block {block.Height} is stored above {rows.Count}.");
        }
        var row = new SimRow(BlockRow.From(block, effects, size => new byte[size]));
        if (block.Height > rows.Count)
        {
            rows.Add(row);
        }
        else
        {
            rows[(int)block.Height - 1] = row;
        }
        IsDurable = true;
        written(block);
        effect();
        IsDurable = null;
    }

    public StoredBlock? Read(long at) => at < 1 || at > rows.Count ? null
        : rows[(int)at - 1] is { } row ? row.Read(at) : throw new BlockStoreCorruptException(at, "the row is missing");

    public IEnumerable<BlockSummary?> ReadSummaries(long from)
    {
        for (var at = from; at <= Height; at++)
        {
            yield return rows[(int)at - 1]?.Row.ToSummary();
        }
    }

    public void Wipe() => rows = [];

    public List<SimRow?> Copy() => [.. rows];

    public void Restore(List<SimRow?> copy) => rows = [.. copy];

    /// <summary>Whether a row is there and whole.</summary>
    public bool IsWhole(long height)
    {
        try
        {
            return Read(height) is not null;
        }
        catch (BlockStoreCorruptException)
        {
            return false;
        }
    }

    /// <summary>Flips one bit in some column, or loses the row.</summary>
    public void Harm(long height, Dice dice)
    {
        var row = rows[(int)height - 1]?.Row;
        if (row is null || dice.Chance(100))
        {
            rows[(int)height - 1] = null;
            return;
        }
        byte[] Flipped(byte[] bytes)
        {
            var copy = bytes.ToArray();
            copy[dice.Below(copy.Length)] ^= (byte)(1 << dice.Below(8));
            return copy;
        }
        rows[(int)height - 1] = new(dice.Below(8) switch
        {
            0 => row with { Header = Flipped(row.Header) },
            1 => row with { Sealed = Flipped(row.Sealed) },
            2 => row with { Entries = Flipped(row.Entries.ToArray()) },
            3 => row with { Rejected = Flipped(row.Rejected) },
            4 => row with { Frontier = Flipped(row.Frontier.Length > 0 ? row.Frontier : [0]) },
            5 => row with { Effects = Flipped(row.Effects.IsEmpty ? [0] : row.Effects.ToArray()) },
            6 => row with { SummaryChecksum = Flipped(row.SummaryChecksum is [] ? [0] : row.SummaryChecksum) },
            _ => row with { Size = row.Size ^ (1L << dice.Below(40)) },
        });
    }
}

/// <summary>A row on the disk. Nothing changes it but <see cref="SimStore.Harm"/>, which puts another in its place: so one that was found whole stays it.</summary>
internal sealed class SimRow(BlockRow row)
{
    private StoredBlock? whole;

    public BlockRow Row => row;

    public StoredBlock Read(long at) => whole?.Height == at ? whole : whole = row.ToBlock(at);
}
