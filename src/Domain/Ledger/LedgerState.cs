using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>What the rules know about one stream.</summary>
/// <param name="Version">Its newest version, rejected entries counted.</param>
/// <param name="RecordVersion">Version of its newest valid submission; 0 for none.</param>
/// <param name="RevokedVersion">Records up to this version are revoked for good; a later one of the same key is not. 0 for none.</param>
/// <param name="Suspended">Whether its record is suspended; a new record of the same key stays so until the source lifts it.</param>
public readonly record struct StreamFacts(int Version, int RecordVersion, int RevokedVersion, bool Suspended);

/// <summary>The verdict on a batch, taken on the state before it; it changes nothing until <see cref="LedgerState.Apply"/>.</summary>
/// <param name="Rejected">Entries without effect, ascending.</param>
/// <param name="Registry">Authority after the batch.</param>
/// <param name="HighestTime">Latest valid entry time.</param>
/// <param name="Streams">Streams that changed.</param>
/// <param name="Uniques">Values taken.</param>
public sealed record BatchVerdict(IReadOnlyList<Rejected> Rejected, Registry Registry, LedgerTime HighestTime,
    IReadOnlyDictionary<UInt128, StreamFacts> Streams, IReadOnlyCollection<UInt128> Uniques);

/// <summary>
/// Everything that the ledger rules read, folded from sealed entries; the same function decides at the host and at every validator.
/// Source: DESIGN sections 3 and 5.
/// </summary>
/// <remarks>Streams and unique values are kept by the first 16 bytes of their SHA-256: a few dozen bytes per record.</remarks>
public sealed partial class LedgerState(Genesis genesis)
{
    private const int UndoHeights = 256;

    private readonly StreamTable streams = new();
    private readonly HashKeyed<Nothing> uniques = new();

    private readonly List<(long From, ValidatorSet Set)> sets = [(1, genesis.Set)];

    // What each of the last heights changed, so that a status can be told as of any of them; streams ascending. What began there is left out: its
    // entries lie beyond the size before.
    private readonly Queue<(BlockHeader Header, UInt128[] Streams, StreamFacts[] Before)> undo = new();

    /// <summary>Where the chain began.</summary>
    public Genesis Genesis { get; } = genesis;

    /// <summary>Who may do what.</summary>
    public Registry Registry { get; private set; } = Registry.From(genesis);

    /// <summary>The newest header applied.</summary>
    public BlockHeader Head { get; private set; } = genesis.Header;

    /// <summary>The validators in force at the next height.</summary>
    public ValidatorSet Set { get; private set; } = genesis.Set;

    /// <summary>The validators in force at the height after the next: a change that is sealed now takes effect there.</summary>
    public ValidatorSet NextSet => Registry.Roll.Set;

    /// <summary>Latest time of a valid entry.</summary>
    public LedgerTime HighestTime { get; private set; } = genesis.Time;

    /// <summary>Number of streams known.</summary>
    public int StreamCount => streams.Count;

    /// <summary>The validators in force at a height, up to the second above the head: beyond that nothing is known yet.</summary>
    public ValidatorSet SetAt(long height) => sets.Last(s => s.From <= height || s.From == 1).Set;

    /// <summary>Judges a batch that follows the head: each entry on the state after the ones before it.</summary>
    /// <param name="entries">Ascending from <c>Head.Size + 1</c>; the caller has checked that, and sizes and sidecars.</param>
    /// <param name="headerTime">Time of the block that would seal them.</param>
    public BatchVerdict Check(IReadOnlyList<CheckedEntry> entries, LedgerTime headerTime)
    {
        var batch = new Batch(this, headerTime);
        foreach (var entry in entries)
        {
            batch.Take(entry);
        }
        return batch.Verdict();
    }

    /// <summary>Takes over the verdict on the block that was decided.</summary>
    public void Apply(BlockHeader header, BatchVerdict verdict)
    {
        UInt128[] changed = [.. verdict.Streams.Keys.Where(streams.Contains).Order()];
        var before = Array.ConvertAll(changed, stream => streams[stream]);
        foreach (var (stream, facts) in verdict.Streams)
        {
            streams[stream] = facts;
        }
        foreach (var unique in verdict.Uniques)
        {
            uniques[unique] = default;
        }
        if (verdict.Registry.Roll.Set != NextSet)
        {
            sets.Add((header.Height + 2, verdict.Registry.Roll.Set));
        }
        (Set, Registry, HighestTime, Head) = (NextSet, verdict.Registry, verdict.HighestTime, header);
        undo.Enqueue((header, changed, before));
        if (undo.Count > UndoHeights)
        {
            undo.Dequeue();
        }
    }

    /// <summary>The status of a record as of a height of the last 256.</summary>
    /// <param name="entry">The valid entry that holds the record.</param>
    /// <param name="leaf">Its leaf hash.</param>
    /// <param name="record">The record.</param>
    /// <param name="height">As of which height.</param>
    /// <returns>Null when the height is too old or not yet decided, or the entry is later than it.</returns>
    public StatusStatement? StatusOf(Entry entry, Digest leaf, SdJwt record, long height)
    {
        var key = Half(entry.Stream);
        var facts = streams[key];
        BlockHeader? asOf = null;
        foreach (var step in undo.Reverse())
        {
            if (step.Header.Height == height)
            {
                asOf = step.Header;
                break;
            }
            if (step.Header.Height < height)
            {
                return null;
            }
            facts = Array.BinarySearch(step.Streams, key) is >= 0 and var at ? step.Before[at] : facts;
        }
        if (asOf is null || entry.Seq > asOf.Size || facts.Version < entry.Version || !Claims.TryRead(record.Payload, out var claims))
        {
            return null;
        }
        var status = facts switch
        {
            _ when facts.RevokedVersion >= entry.Version => RecordStatus.Revoked,
            _ when facts.RecordVersion > entry.Version => RecordStatus.Superseded,
            { Suspended: true } => RecordStatus.Suspended,
            _ when claims.Exp * 1000 <= asOf.Time.UnixMs => RecordStatus.Expired,
            _ => RecordStatus.Valid,
        };
        return new(Genesis.Chain, leaf, status, facts.Version, height, asOf.Time);
    }

    private static UInt128 Half(string text) => Digest.Of(text).Half;
}
