using System.Text.Json;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>The judgement of one batch, entry by entry.</summary>
public sealed partial class LedgerState
{
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
                Proof.HostsWord => HostEvents.Problem(entry, e.Data),
                Proof.Authorization => Authority.Judge(entry, e.Data, state.Genesis, state.Head, ref registry, Pending),
                Proof.Supervision => Authorization.Check(entry, e.Data, state.Genesis, registry, state.Head.Time) ?? SupervisionEvents.Problem(entry, e.Data),
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
                ?? Envelope(e, facts.Claims.Iss, facts.Stream)
                ?? (facts.IsCorrection && after.RecordVersion == 0 ? RejectionCode.RecordUnknown : null) ?? Claim(facts.Claims);
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
