using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>
/// The list that tells any wallet or verifier the status of a source's records, two bits each, least significant bit first.
/// Source: Token Status List (draft-ietf-oauth-status-list) sections 4 and 5.
/// </summary>
public static class StatusList
{
    /// <summary>Indexes lie below 2^20.</summary>
    public const int Capacity = 1 << 20;

    /// <summary>The header's <c>typ</c>.</summary>
    public const string Typ = "statuslist+jwt";

    /// <summary>0 VALID, 1 INVALID (revoked, superseded or expired by act), 2 SUSPENDED.</summary>
    public static int ValueOf(string status) => status switch
    {
        RecordStatus.Suspended => 2,
        RecordStatus.Revoked or RecordStatus.Superseded => 1,
        _ => 0,
    };

    /// <summary>Packs values of 1, 2, 4 or 8 bits and compresses them (zlib, RFC 1950).</summary>
    public static string Compress(int bits, int length, IEnumerable<(int Index, int Value)> values)
    {
        var list = new byte[((length * bits) + 7) / 8];
        foreach (var (index, value) in values)
        {
            list[index * bits / 8] |= (byte)(value << (index * bits % 8));
        }
        using var buffer = new MemoryStream();
        using (var zlib = new ZLibStream(buffer, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            zlib.Write(list);
        }
        return B64.Encode(buffer.ToArray());
    }

    /// <summary>Signs the list token.</summary>
    /// <param name="key">A host's <c>status</c> key.</param>
    /// <param name="uri">The list's own address, as records name it.</param>
    /// <param name="now">Time of issue.</param>
    /// <param name="ttlSeconds">How long a copy may be kept.</param>
    /// <param name="values">Entries that are not VALID.</param>
    public static string Sign(SigningKey key, string uri, LedgerTime now, int ttlSeconds, IEnumerable<(int Index, int Value)> values) =>
        key.SignJws(Typ, Encoding.UTF8.GetBytes(new JsonObject
        {
            ["sub"] = uri,
            ["iat"] = now.UnixMs / 1000,
            ["ttl"] = ttlSeconds,
            ["status_list"] = new JsonObject { ["bits"] = 2, ["lst"] = Compress(2, Capacity, values) },
        }.ToJsonString()));
}
