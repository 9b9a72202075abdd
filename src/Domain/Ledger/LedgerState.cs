using System.Text.Json;
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
public sealed class LedgerState(Genesis genesis)
{
    private const int UndoHeights = 256;

    private readonly HashKeyed<StreamFacts> streams = new();
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

    private sealed class Batch(LedgerState state, LedgerTime headerTime)
    {
        private readonly List<Rejected> rejected = [];
        private readonly Dictionary<UInt128, StreamFacts> streams = [];
        private readonly HashSet<UInt128> uniques = [];
        private Registry registry = state.Registry;
        private LedgerTime highest = state.HighestTime;

        public BatchVerdict Verdict() => new(rejected, registry, highest, streams, uniques);

        public void Take(CheckedEntry e)
        {
            var key = Half(e.Entry.Stream);
            var facts = streams.TryGetValue(key, out var now) ? now : state.streams[key];
            var after = facts with { Version = facts.Version + 1 };
            if (JudgeSafely(e, facts, ref after) is { } code)
            {
                rejected.Add(new(e.Entry.Seq, code));
                after = facts with { Version = facts.Version + 1 };
            }
            else
            {
                highest = e.Entry.Time;
            }
            streams[key] = after;
        }

        // No entry may stop a validator, whatever its bytes: what the rules cannot even read is refused by all alike.
        private string? JudgeSafely(CheckedEntry e, StreamFacts facts, ref StreamFacts after)
        {
            var before = registry;
            try
            {
                return Judge(e, facts, ref after);
            }
            catch (Exception x) when (x is InvalidOperationException or FormatException or ArgumentException or JsonException or OverflowException)
            {
                registry = before;
                return RejectionCode.DataMalformed;
            }
        }

        private string? Judge(CheckedEntry e, StreamFacts facts, ref StreamFacts after)
        {
            var entry = e.Entry;
            if (!EventTable.Types.TryGetValue(entry.Type, out var proof))
            {
                return RejectionCode.TypeUnknown;
            }
            if (entry.Version != facts.Version + 1)
            {
                return RejectionCode.VersionWrong;
            }
            if (entry.Time > headerTime || entry.Time < highest)
            {
                return RejectionCode.TimeWrong;
            }
            return proof switch
            {
                Proof.Genesis => entry.Seq == 1 && e.Bytes.Span.SequenceEqual(state.Genesis.Entry.ToBytes()) ? null : RejectionCode.GenesisWrong,
                Proof.Contradiction => Contradiction(e),
                Proof.HostsWord => entry.Stream == EventTable.FindingStream ? null : RejectionCode.StreamWrong,
                Proof.Authorization => Authorization.Check(entry, e.Data, state.Genesis, registry, state.Head.Time) ?? Pending(entry)
                    ?? RegistryEvents.Fold(entry, e.Data, state.Genesis.Chain, ref registry),
                _ when entry.Type == EventTable.SubmissionAccepted => Submission(e, ref after),
                _ when entry.Type == EventTable.StatusChanged => StatusChange(e, facts, ref after),
                _ => RegistryEvents.Fold(entry, e.Data, state.Genesis.Chain, ref registry),
            };
        }

        // One change at a time, in one block too: what its signers saw is what stands, whatever else lies in the block.
        private string? Pending(Entry entry) =>
            entry.Type == EventTable.ValidatorSetChanged && registry.Roll.Set != state.Set ? RejectionCode.SetPending : null;

        private string? Submission(CheckedEntry e, ref StreamFacts after)
        {
            if (e.Record is null)
            {
                return RejectionCode.DataMalformed;
            }
            var problem = RecordRules.CheckSubmission(e.Record, registry, state.Genesis.Chain, e.Entry.Seq, e.Entry.Time, state.Head.Time, e.SignatureOk, out var facts)
                ?? Envelope(e, facts.Claims.Iss, facts.Stream) ?? Claim(facts.Claims);
            if (problem is null)
            {
                after = after with { RecordVersion = (int)e.Entry.Version };
            }
            return problem;
        }

        private string? StatusChange(CheckedEntry e, StreamFacts before, ref StreamFacts after)
        {
            if (e.Record is null || e.Sidecar is not null)
            {
                return RejectionCode.DataMalformed;
            }
            var problem = RecordRules.CheckStatusChange(e.Record, registry, state.Genesis.Chain, e.Entry.Seq, e.Entry.Time, state.Head.Time, e.SignatureOk, out var facts)
                ?? Envelope(e, facts.Claims.Iss, facts.Stream)
                ?? (before.RecordVersion == 0 ? RejectionCode.RecordUnknown : null) ?? Claim(facts.Claims);
            if (problem is null)
            {
                after = facts.Change == RecordStatus.Revoked
                    ? after with { RevokedVersion = after.RecordVersion, Suspended = false }
                    : after with { Suspended = facts.Change == RecordStatus.Suspended };
            }
            return problem;
        }

        // What is cheap to see is seen first: a signature costs more than all the rest.
        private string? Contradiction(CheckedEntry e)
        {
            if (!Members.TryRead(e.Data, out var m, "evidence") || !Evidence.TryParse(m["evidence"], out var evidence))
            {
                return RejectionCode.DataMalformed;
            }
            var key = evidence.Key.Half;
            if (Envelope(e, evidence.Kid, EventTable.EvidenceStream(evidence.Kid)) is { } wrong)
            {
                return wrong;
            }
            if (evidence.Height > state.Head.Height + 1)
            {
                return RejectionCode.EvidenceHeight;
            }
            var isAnswer = e.Entry.Type == EventTable.EvidenceAnswered;
            if (isAnswer == evidence.Answer is null)
            {
                return RejectionCode.EvidenceAnswer;
            }
            if (isAnswer && !IsTaken(key))
            {
                return RejectionCode.EvidenceUnknown;
            }
            var claimed = isAnswer ? Half($"answer\n{evidence.Key}") : key;
            return IsTaken(claimed) ? RejectionCode.EvidenceKnown : evidence.Problem(state.Genesis.Chain, state.SetAt(evidence.Height)) ?? Occupy(claimed);
        }

        private bool IsTaken(UInt128 unique) => state.uniques.Contains(unique) || uniques.Contains(unique);

        private string? Occupy(UInt128 unique)
        {
            uniques.Add(unique);
            return null;
        }

        private static string? Envelope(CheckedEntry e, string iss, string stream) =>
            e.Entry.Stream != stream ? RejectionCode.StreamWrong : e.Entry.Actor != iss ? RejectionCode.DataMalformed : null;

        private string? Claim(Claims claims)
        {
            Unique[] claimed = [.. claims.Uniques()];
            foreach (var unique in claimed)
            {
                if (IsTaken(unique.Key.Half))
                {
                    return unique.Kind == UniqueKind.Jti ? RejectionCode.JtiReused : RejectionCode.IdxReused;
                }
            }
            foreach (var unique in claimed)
            {
                uniques.Add(unique.Key.Half);
            }
            return null;
        }
    }
}
