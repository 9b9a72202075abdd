using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>The states that a record with a life cycle can be in. Source: DESIGN section 3, proof bundle, <c>status</c>.</summary>
public static class RecordStatus
{
    /// <summary>In force.</summary>
    public const string Valid = "valid";

    /// <summary>Not in force for a time.</summary>
    public const string Suspended = "suspended";

    /// <summary>Taken back for good.</summary>
    public const string Revoked = "revoked";

    /// <summary>Its <c>exp</c> lies in the past.</summary>
    public const string Expired = "expired";

    /// <summary>A later record of the same key has taken its place.</summary>
    public const string Superseded = "superseded";

    /// <summary>Whether the text is one of the five.</summary>
    public static bool IsKnown(string text) => text is Valid or Suspended or Revoked or Expired or Superseded;
}

/// <summary>What validators attest about one record as of one height.</summary>
/// <param name="Chain">Chain id.</param>
/// <param name="Record">Leaf hash of the entry that holds the record.</param>
/// <param name="Status">One of <see cref="RecordStatus"/>.</param>
/// <param name="Version">Stream version as of the height.</param>
/// <param name="Height">As of which height.</param>
/// <param name="Time">That height's header time.</param>
public sealed record StatusStatement(string Chain, Digest Record, string Status, long Version, long Height, LedgerTime Time)
{
    /// <summary>The statement as JSON.</summary>
    public JsonObject ToJson() => new()
    {
        ["v"] = 1, ["chain"] = Chain, ["record"] = Record.ToString(), ["status"] = Status, ["version"] = Version, ["height"] = Height, ["time"] = Time.ToString(),
    };

    /// <summary>The bytes that are signed.</summary>
    public byte[] ToBytes() => Jcs.Bytes(ToJson());

    /// <summary>Reads exactly these members.</summary>
    public static bool TryParse(JsonElement json, [NotNullWhen(true)] out StatusStatement? statement)
    {
        statement = null;
        if (!Members.TryRead(json, out var m, "chain", "height", "record", "status", "time", "v", "version") || !m.IsOne("v")
            || !m.TryText("chain", out var chain) || !m.TryDigest("record", out var record) || !m.TryText("status", out var status)
            || !RecordStatus.IsKnown(status) || !m.TryLong("version", 1, out var version) || !m.TryLong("height", 1, out var height)
            || !m.TryTime("time", out var time))
        {
            return false;
        }
        statement = new(chain, record, status, version, height, time);
        return true;
    }
}
