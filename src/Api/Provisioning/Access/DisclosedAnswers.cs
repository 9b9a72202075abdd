using System.Text.Json.Nodes;
using EventLedger.Api.Host;
using EventLedger.Api.Identity;
using EventLedger.Api.KeyVault;
using EventLedger.Api.Provisioning.Answers;
using EventLedger.Api.Provisioning.Records;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;

namespace EventLedger.Api.Provisioning.Access;

/// <summary>
/// Opens fields that are not public, in this order and no other: the grant is checked, the read is noted as an event, the event is safe on disk, and only then is the
/// sidecar opened. Source: ITU-T Y.4561 (08/2020) 6.2.5, 8.2, 8.3.
/// </summary>
public sealed class DisclosedAnswers(RecordTables tables, Snapshot snapshot, RecordAnswers records, IEventStore store, IKeyVault vault, HostState state, AccessLog log,
    Genesis genesis, SecurityNotes notes, TimeProvider clock)
{
    private const int FieldsMax = 64, PurposeLengthMax = 200;

    /// <summary>Fields of one record.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="seq">Id of the record.</param>
    /// <param name="fields">The fields wanted; empty for all that are not public.</param>
    /// <param name="purpose">What for.</param>
    /// <param name="cancellation">Ends the reading; what was noted stays.</param>
    public async Task<Answer<DisclosedView>> Read(Caller caller, long seq, IReadOnlyList<string> fields, string? purpose, CancellationToken cancellation)
    {
        if (fields.Count > FieldsMax || purpose?.Length > PurposeLengthMax)
        {
            return new Problem("query-malformed", $"At most {FieldsMax} fields, and a purpose of at most {PurposeLengthMax} characters.");
        }
        if (string.IsNullOrWhiteSpace(purpose))
        {
            return new Problem("purpose-missing", "Say what the fields are needed for: ?purpose=…, in the words of the grant. It is kept with the read.");
        }
        var asOf = await snapshot.Now(cancellation);
        if (await tables.Record(seq, cancellation) is not { } row || await store.ReadAll(seq, 1, cancellation) is not [var stored] || !stored.Entry.TryRecord(out var record, out _))
        {
            return (await records.Record(seq, cancellation)).Problem!;
        }
        var format = await tables.Format(row.Vct, cancellation);
        var wanted = fields.Count > 0 ? fields : format.Withheld;
        if (wanted.FirstOrDefault(f => !format.IsPublic(f) && !format.Withheld.Contains(f)) is { } strange)
        {
            return new Problem("query-malformed", $"Format '{format.Id}' has no field '{strange}'.");
        }
        var policy = AccessPolicy.Now(state, clock);
        var party = Party.Of(caller, policy.Registry);
        var verdicts = wanted.Select(f => Explanation.Of(policy, party, row.Vct, f, purpose)).ToList();
        if (verdicts.Find(v => !v.Allowed) is { } refused)
        {
            notes.Note(SecurityNotes.AccessRefused);
            return Explanation.Refusal(refused);
        }
        var sub = record.Payload.TryGetProperty("sub", out var subject) ? subject.GetString() : null;
        var stream = AccessLog.StreamOf(row.Iss, sub, row.Stream);
        var grants = verdicts.Select(v => v.Grant).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        var (access, closed) = await log.Append(stream, KeyOwner.Of(row.Iss, sub, stream), new(caller.Id, party.Organisation, seq, [.. wanted], purpose, grants, policy.Seq), cancellation);
        if (access is null)
        {
            return new Problem("read-only", $"{closed} A read that cannot be noted does not happen.");
        }
        return await Open(stored, record, wanted, cancellation) is { } opened
            ? new DisclosedView((await records.Summaries([row], asOf, cancellation))[0], Fields(opened, row, wanted), [.. opened.Select(o => o.Disclosure)], purpose, grants, access.Entry.Seq)
            : new Problem("record-erased", $"The fields of record {seq} were erased: their key is gone. The read is noted as entry {access.Entry.Seq} all the same.");
    }

    // Null when the key is gone; a record that never had disclosures has none to give.
    private async Task<List<(string Disclosure, string Name, JsonNode? Value)>?> Open(StoredEntry stored, SdJwt record, IReadOnlyList<string> wanted, CancellationToken cancellation)
    {
        var sidecars = await store.ReadSidecars(stored.Entry.Seq, stored.Entry.Seq, cancellation);
        if (!sidecars.TryGetValue(stored.Entry.Seq, out var sidecar))
        {
            return stored.Entry.TryRecord(out _, out var named) && named is null ? [] : null;
        }
        if (Sidecar.KeyId(sidecar.Span) is not { } id || vault.Find(id) is not { } key
            || Sidecar.Open(key.Key, Sidecar.AssociatedData(genesis.Chain, record.Jwt), sidecar.Span) is not { } disclosures)
        {
            return null;
        }
        return [.. disclosures.Select(d => (Disclosure: d, Disclosed.Read(d).Name, Disclosed.Read(d).Value)).Where(d => wanted.Contains(d.Name))];
    }

    private static JsonObject Fields(List<(string Disclosure, string Name, JsonNode? Value)> opened, RecordRow row, IReadOnlyList<string> wanted)
    {
        var fields = new JsonObject();
        foreach (var name in wanted)
        {
            if (row.Claims.TryGetProperty(name, out var claim))
            {
                fields[name] = JsonNode.Parse(claim.GetRawText());
            }
            else if (opened.Find(o => o.Name == name) is { Name: not null } found)
            {
                fields[name] = found.Value?.DeepClone();
            }
        }
        return fields;
    }
}
