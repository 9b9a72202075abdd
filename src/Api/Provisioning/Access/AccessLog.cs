using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Doors;
using EventLedger.Api.Host;
using EventLedger.Api.KeyVault;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;

namespace EventLedger.Api.Provisioning.Access;

/// <summary>
/// Notes every read of data that is not public as an event before the data is opened. The event holds salted digests alone; who, what and why travel in its sidecar
/// under the data subject's key, so that the subject can see it, a supervisor too, and erasure reaches it. Source: DESIGN sections 3 and 8.
/// </summary>
public sealed class AccessLog(IEventStore store, IKeyVault vault, HostKeys keys, Genesis genesis)
{
    private const int SaltBytes = 16;

    /// <summary>The stream of reads of one subject's records, or where there is no subject, of one record.</summary>
    public static string StreamOf(string iss, string? sub, string recordStream) =>
        EventTable.StreamOf(EventTable.DataAccessed, (sub is null ? Digest.Of(recordStream) : Digest.Of(Jcs.Bytes(new JsonArray(iss, sub)))).ToString());

    /// <summary>Appends the event; null with the reason when the ledger takes nothing in, and then nothing may be read.</summary>
    public async Task<(StoredEntry? Entry, string? ReadOnly)> Append(string stream, KeyOwner owner, AccessNote note, CancellationToken cancellation)
    {
        var @event = await Event(owner, note, cancellation);
        for (var version = 0L; ;)
        {
            switch (await store.Append(new(stream, version, @event), cancellation))
            {
                case AppendResult.Appended done:
                    return (done.Entries[0], null);
                case AppendResult.VersionConflict conflict:
                    version = conflict.Actual;
                    break;
                case AppendResult.ReadOnly closed:
                    return (null, closed.Reason);
            }
        }
    }

    /// <summary>Opens the note of a read, with the disclosures that its proof can show; null when its key was destroyed.</summary>
    public async Task<(AccessNote Note, IReadOnlyList<string> Disclosures)?> Open(Entry entry, CancellationToken cancellation)
    {
        var data = (JsonObject)JsonNode.Parse(entry.Data.Span)!;
        data.Remove("sidecar");
        var sidecars = await store.ReadSidecars(entry.Seq, entry.Seq, cancellation);
        if (!sidecars.TryGetValue(entry.Seq, out var sidecar) || Sidecar.KeyId(sidecar.Span) is not { } id || vault.Find(id) is not { } key
            || Sidecar.Open(key.Key, Associated(data), sidecar.Span) is not { } disclosures)
        {
            return null;
        }
        var digests = data["_sd"]!.AsArray().Select(d => d!.GetValue<string>()).ToHashSet(StringComparer.Ordinal);
        var values = disclosures.Where(d => digests.Contains(SdJwt.DigestOf(d))).Select(Disclosed.Read).ToDictionary(d => d.Name, d => d.Value, StringComparer.Ordinal);
        return (new(Text("actor")!, Text("organisation"), values["record"]!.GetValue<long>(), Texts("fields"), Text("purpose")!, Texts("grants"), values["policy"]!.GetValue<long>()),
            disclosures);

        string? Text(string name) => values.GetValueOrDefault(name)?.GetValue<string>();
        List<string> Texts(string name) => [.. values[name]!.AsArray().Select(v => v!.GetValue<string>())];
    }

    private async Task<NewEvent> Event(KeyOwner owner, AccessNote note, CancellationToken cancellation)
    {
        var values = new JsonObject
        {
            ["actor"] = note.Actor, ["organisation"] = note.Organisation, ["record"] = note.Record, ["fields"] = new JsonArray([.. note.Fields.Select(f => JsonValue.Create(f))]),
            ["purpose"] = note.Purpose, ["grants"] = new JsonArray([.. note.Grants.Select(g => JsonValue.Create(g))]), ["policy"] = note.Policy,
        };
        var disclosures = values.Select(v => SdJwt.Disclosure(RandomNumberGenerator.GetBytes(SaltBytes), v.Key, v.Value?.DeepClone())).ToArray();
        // Sorted, because the order of the members would tell which digest is which.
        var data = new JsonObject { ["_sd"] = new JsonArray([.. disclosures.Select(SdJwt.DigestOf).Order(StringComparer.Ordinal).Select(d => JsonValue.Create(d))]) };
        var key = (await vault.KeysOf([owner], cancellation))[0];
        var sidecar = Sidecar.Seal(key.Key, key.Id, RandomNumberGenerator.GetBytes(12), Associated(data), disclosures);
        data["sidecar"] = Digest.Of(sidecar).ToString();
        return new(EventTable.DataAccessed, keys.Host.Name, Jcs.Bytes(data), sidecar);
    }

    private Digest Associated(JsonObject data) => Sidecar.AssociatedData(genesis.Chain, System.Text.Encoding.UTF8.GetString(Jcs.Bytes(data)));
}

/// <summary>Disclosures of named values. Source: RFC 9901 section 4.2.1.</summary>
internal static class Disclosed
{
    /// <summary>Name and value of a disclosure that this ledger has checked before.</summary>
    public static (string Name, JsonNode? Value) Read(string disclosure)
    {
        using var json = B64.TryDecode(disclosure, out var bytes) ? JsonDocument.Parse(bytes) : throw new InvalidDataException("A sidecar holds something that is no disclosure.");
        return (json.RootElement[1].GetString()!, JsonNode.Parse(json.RootElement[2].GetRawText()));
    }
}
