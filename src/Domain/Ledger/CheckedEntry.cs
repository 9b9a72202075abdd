using System.Text.Json;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>
/// An entry that was read once, with everything about it that does not depend on the state: leaf hash, parsed record, and the record's signature under
/// the key that its id names. Many can be read at once, ahead of their turn.
/// </summary>
public sealed class CheckedEntry
{
    private JsonElement data;

    private CheckedEntry(Entry entry, ReadOnlyMemory<byte> bytes, JsonElement data, SdJwt? record, Digest? sidecar, bool? signatureOk)
    {
        (Entry, Bytes, this.data, Record, Sidecar, SignatureOk) = (entry, bytes, data, record, sidecar, signatureOk);
        Leaf = Entry.LeafHash(bytes.Span);
    }

    /// <summary>The entry.</summary>
    public Entry Entry { get; }

    /// <summary>Its bytes.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Its leaf hash.</summary>
    public Digest Leaf { get; }

    /// <summary>Its data, parsed. Of a record nobody asks for it, so there it is parsed only then; not for several threads at once.</summary>
    public JsonElement Data => data.ValueKind == JsonValueKind.Undefined ? data = JsonDocument.Parse(Entry.Data).RootElement : data;

    /// <summary>The record, when the data is exactly <c>{record}</c> or <c>{record, sidecar}</c> and both are well formed; null otherwise.</summary>
    public SdJwt? Record { get; }

    /// <summary><c>data.sidecar</c>: the hash of the sidecar that must come with the entry; null where there is none.</summary>
    public Digest? Sidecar { get; }

    /// <summary>Whether the record's signature verified; null when its key was not known then.</summary>
    public bool? SignatureOk { get; }

    /// <summary>Reads one entry; null when the bytes are not an entry, which refuses the whole batch.</summary>
    /// <param name="bytes">The entry's bytes.</param>
    /// <param name="keys">Finds a key by its id; a thumbprint names one key whatever the state.</param>
    public static CheckedEntry? TryRead(ReadOnlyMemory<byte> bytes, Func<string, Jwk?>? keys) =>
        TryRead(bytes, record => keys?.Invoke(record.Kid) is { } key ? record.IsSignedBy(key) : null);

    /// <summary>Reads an entry that this machine has sealed as valid before: its signature was verified then.</summary>
    public static CheckedEntry? TryReadSealed(ReadOnlyMemory<byte> bytes) => TryRead(bytes, _ => true);

    private static CheckedEntry? TryRead(ReadOnlyMemory<byte> bytes, Func<SdJwt, bool?> verify)
    {
        if (!Entry.TryParse(bytes, out var entry))
        {
            return null;
        }
        if (entry.TryRecord(out var record, out var sidecar))
        {
            return new(entry, bytes, default, record, sidecar, verify(record));
        }
        var data = JsonDocument.Parse(entry.Data).RootElement;
        sidecar = data.TryGetProperty("sidecar", out var s) && s.ValueKind == JsonValueKind.String && Digest.TryParse(s.GetString(), out var hash) ? hash : null;
        return new(entry, bytes, data, null, sidecar, null);
    }

    /// <summary>Whether the sidecar that came along is the one the entry names.</summary>
    public bool IsMatchedBy(ReadOnlySpan<byte> sidecar) =>
        Sidecar is { } hash ? sidecar.Length <= Ledger.Sidecar.SizeBytesMax && Digest.Of(sidecar) == hash : sidecar.Length == 0;
}
