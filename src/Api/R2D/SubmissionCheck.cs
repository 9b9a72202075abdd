using System.Text.Json;
using EventLedger.Api.Host;
using EventLedger.Api.Http;
using EventLedger.Api.KeyVault;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using UniqueKind = EventLedger.EventStore.UniqueKind;

namespace EventLedger.Api.R2D;

/// <summary>Everything about a submitted record that needs no database: form, signature, source, key, format, schema, disclosures. Safe in parallel.</summary>
public sealed class SubmissionCheck(Genesis genesis, HostState state, LedgerHead head, TimeProvider clock, Refusals refusals)
{
    /// <summary>Exactly one of the two is not null.</summary>
    public readonly record struct Result(Submission? Submission, Refusal? Refusal);

    /// <summary>Checks one SD-JWT.</summary>
    public Result Check(string text)
    {
        if (!SdJwt.TryParse(text, out var record, out var problem))
        {
            refusals.Add(null, RejectionCode.RecordMalformed);
            return new(null, new(RejectionCode.RecordMalformed, problem));
        }
        var result = Judge(record, isSigned: true);
        if (result.Refusal is { } refusal)
        {
            refusals.Add(record.Payload.TryGetProperty("iss", out var iss) && iss.ValueKind == JsonValueKind.String ? iss.GetString() : null, refusal.Code);
        }
        return result;
    }

    /// <summary>Checks a draft of <see cref="SdJwt.Unsigned"/>: all but the signatures, of source and registrar, that it is still to get.</summary>
    public Result Look(string text) =>
        SdJwt.TryParse(text, out var record, out var problem) ? Judge(record, isSigned: false) : new(null, new(RejectionCode.RecordMalformed, problem));

    private Result Judge(SdJwt record, bool isSigned)
    {
        var (registry, seq) = state.Now;
        var (now, previous) = (LedgerTime.From(clock.GetUtcNow()), head.Header.Time);
        if (record.Payload.TryGetProperty("vct", out var vct) && vct.ValueKind == JsonValueKind.String && vct.ValueEquals(RecordRules.StatusVct))
        {
            return StatusChange(record, registry, seq, now, previous, isSigned);
        }
        if (RecordRules.CheckSubmission(record, registry, genesis.Chain, seq + 1, now, previous, isSigned ? null : true, out var facts) is { } code
            && (isSigned || code != RejectionCode.AssertionMissing))
        {
            return new(null, Fit.Explain(code, record, registry));
        }
        if (Fit.Problem(record, facts.Format) is { } misfit)
        {
            return new(null, misfit);
        }
        KeyOwner? owner = record.Disclosures.Count == 0 ? null : KeyOwner.Of(facts.Claims.Iss, facts.Claims.Sub, facts.Stream);
        return new(new(record, EventTable.SubmissionAccepted, facts.Claims.Iss, facts.Stream, Uniques(facts.Claims), owner, facts.IsCorrection), null);
    }

    private Result StatusChange(SdJwt record, Registry registry, long seq, LedgerTime now, LedgerTime previous, bool isSigned)
    {
        if (record.Disclosures.Count > 0)
        {
            return new(null, new("disclosure-wrong", "A change of status hides nothing."));
        }
        return RecordRules.CheckStatusChange(record, registry, genesis.Chain, seq + 1, now, previous, isSigned ? null : true, out var facts) is { } code
            ? new(null, Refusal.Of(code))
            : new(new(record, EventTable.StatusChanged, facts.Claims.Iss, facts.Stream, Uniques(facts.Claims), null, NeedsRecord: true), null);
    }

    private static UniqueKey[] Uniques(Claims claims) => [.. claims.Uniques().Select(u => new UniqueKey((UniqueKind)u.Kind, u.Key))];
}
