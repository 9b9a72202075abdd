using EventLedger.Api.Doors;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Host;
using EventLedger.Api.Provisioning.Answers;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;

namespace EventLedger.Api.Provisioning.Access;

/// <summary>
/// Tells a data subject who has read what of them. The ledger knows a pseudonym, not a person; the source knows both, and vouches with a short-lived statement, signed by its
/// record key: a JWS of type <c>subject+jwt</c> with exactly <c>{iss, sub, aud, exp}</c>.
/// </summary>
public sealed class SubjectAnswers(IEventStore store, AccessLog log, IS2P processing, Snapshot snapshot, HostState state, Genesis genesis, TimeProvider clock)
{
    /// <summary>The statement's <c>typ</c>.</summary>
    public const string Typ = "subject+jwt";

    private const long LifeSecondsMax = 600;

    /// <summary>All reads of a subject, oldest first, each with a proof that anybody can check.</summary>
    public async Task<Answer<AccessList>> Accesses(string statement, CancellationToken cancellation)
    {
        if (Subject(statement, out var problem) is not var (iss, sub) || problem is not null)
        {
            return new Problem("statement-invalid", problem!);
        }
        var asOf = await snapshot.Now(cancellation);
        var items = new List<AccessView>();
        foreach (var stored in await store.ReadStream(AccessLog.StreamOf(iss, sub, ""), 1, cancellation))
        {
            var entry = stored.Entry;
            var seal = await snapshot.SealOf(entry.Seq, asOf, cancellation);
            var opened = await log.Open(entry, cancellation);
            var proof = seal is null ? null : (await processing.ProofOfEntry(entry.Seq, opened?.Disclosures ?? [], cancellation)).Value;
            var note = opened?.Note;
            items.Add(new(entry.Seq, entry.Time, seal, note?.Actor, note?.Organisation, note?.Record, note?.Fields, note?.Purpose, note?.Grants,
                proof is null ? null : JsonNode.Parse(proof.ToBytes())));
        }
        return new AccessList(items.Count, items);
    }

    private (string Iss, string Sub)? Subject(string statement, out string? problem)
    {
        problem = $"The body is a JWS of type {Typ} with exactly {{iss, sub, aud, exp}}.";
        if (!Jws.TryParse(statement, out var jws) || jws.Typ != Typ || jws.Payload.EnumerateObject().Count() != 4 || Text(jws, "iss") is not { } iss || Text(jws, "sub") is not { } sub
            || Text(jws, "aud") is not { } audience || !jws.Payload.TryGetProperty("exp", out var exp) || exp.ValueKind != JsonValueKind.Number || !exp.TryGetInt64(out var until))
        {
            return null;
        }
        var now = LedgerTime.From(clock.GetUtcNow()).UnixMs / 1000;
        var (registry, seq) = state.Now;
        problem = audience != $"urn:eventledger:{genesis.Chain}:u2s" ? $"'aud' is urn:eventledger:{genesis.Chain}:u2s."
            : now >= until || until > now + LifeSecondsMax ? $"'exp' has passed or lies more than {LifeSecondsMax} seconds ahead."
            : !registry.Keys.TryGetValue(jws.Kid, out var key) || key.Owner != iss || key.Purpose != KeyPurpose.Record || !key.IsValidAt(seq + 1, LedgerTime.From(clock.GetUtcNow())) || !jws.IsSignedBy(key.Jwk)
                ? "It is not signed by a record key that the source holds now."
            : null;
        return (iss, sub);
    }

    private static string? Text(Jws jws, string name) => jws.Payload.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
