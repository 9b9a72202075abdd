using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Validator.Node;

/// <summary>A batch whose form holds: contiguous entries, read and with verified signatures, and the sidecars that they name.</summary>
public sealed class CheckedBatch
{
    /// <summary>Most entries of a batch.</summary>
    public const int EntriesMax = 4096;

    /// <summary>Most bytes of entries.</summary>
    public const int EntryBytesMax = 1 << 20;

    /// <summary>Most bytes of sidecars.</summary>
    public const int SidecarBytesMax = 4 << 20;

    private CheckedBatch(IReadOnlyList<CheckedEntry> entries, IReadOnlyList<ReadOnlyMemory<byte>> sidecars) =>
        (Entries, Sidecars, LatestTime) = (entries, sidecars, entries.Count == 0 ? default : entries.Max(e => e.Entry.Time));

    /// <summary>What a heartbeat carries.</summary>
    public static CheckedBatch Empty { get; } = new([], []);

    /// <summary>The entries, ascending.</summary>
    public IReadOnlyList<CheckedEntry> Entries { get; }

    /// <summary>As many; empty where there is none.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Sidecars { get; }

    /// <summary>The latest time in any entry: a block must not be older than what it seals.</summary>
    public LedgerTime LatestTime { get; }

    /// <summary>Number of the first entry; 0 for an empty batch.</summary>
    public long First => Entries is [var first, ..] ? first.Entry.Seq : 0;

    /// <summary>Number of the last entry; 0 for an empty batch.</summary>
    public long Last => Entries is [.., var last] ? last.Entry.Seq : 0;

    /// <summary>Whether number and sizes are within the limits; looks at lengths only.</summary>
    public static bool IsWithinLimits(IReadOnlyList<ReadOnlyMemory<byte>> entries, IReadOnlyList<ReadOnlyMemory<byte>> sidecars) =>
        entries.Count is > 0 and <= EntriesMax && sidecars.Count == entries.Count
        && entries.Sum(e => (long)e.Length) <= EntryBytesMax && sidecars.Sum(s => (long)s.Length) <= SidecarBytesMax;

    /// <summary>Reads a batch and verifies its signatures, on several threads; null when the bytes refuse it as a whole.</summary>
    public static CheckedBatch? TryRead(IReadOnlyList<ReadOnlyMemory<byte>> entries, IReadOnlyList<ReadOnlyMemory<byte>> sidecars, Registry registry)
    {
        var read = new CheckedEntry?[entries.Count];
        void Read(int i)
        {
            var entry = CheckedEntry.TryRead(entries[i], kid => registry.Keys.GetValueOrDefault(kid)?.Jwk);
            read[i] = entry?.IsMatchedBy(sidecars[i].Span) == true ? entry : null;
        }
        if (entries.Count < 16)
        {
            for (var i = 0; i < entries.Count; i++)
            {
                Read(i);
            }
        }
        else
        {
            Parallel.For(0, entries.Count, Read);
        }
        return From(read, sidecars);
    }

    /// <summary>Reads what this validator has sealed before: signatures are verified only where the entry was rejected.</summary>
    public static CheckedBatch? TryReadSealed(IReadOnlyList<ReadOnlyMemory<byte>> entries, IReadOnlyList<ReadOnlyMemory<byte>> sidecars, long first, IReadOnlySet<long> rejected) =>
        From([.. entries.Select((bytes, i) => rejected.Contains(first + i) ? CheckedEntry.TryRead(bytes, keys: null) : CheckedEntry.TryReadSealed(bytes))], sidecars);

    private static CheckedBatch? From(CheckedEntry?[] read, IReadOnlyList<ReadOnlyMemory<byte>> sidecars)
    {
        for (var i = 0; i < read.Length; i++)
        {
            if (read[i] is not { } entry || entry.Entry.Seq != read[0]!.Entry.Seq + i)
            {
                return null;
            }
        }
        return read.Length == 0 ? Empty : new(read!, sidecars);
    }
}
