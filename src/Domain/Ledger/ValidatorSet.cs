using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>One member of a validator set.</summary>
/// <param name="Jwk">Its consensus key; the member's id is its thumbprint.</param>
/// <param name="Power">Voting power, at least 1.</param>
/// <param name="Keys">Its other keys by purpose: checkpoint, receipt, status, transport, share.</param>
public sealed record Member(Jwk Jwk, long Power, IReadOnlyDictionary<string, Jwk> Keys)
{
    /// <summary>Thumbprint of the consensus key.</summary>
    public string Kid => Jwk.Kid;

    /// <summary>The member as it is hashed: <c>{kid, jwk, power, keys}</c>.</summary>
    public JsonObject ToJson() => new()
    {
        ["kid"] = Kid,
        ["jwk"] = Jwk.ToJson(),
        ["power"] = Power,
        ["keys"] = new JsonObject(Keys.Select(k => KeyValuePair.Create(k.Key, (JsonNode?)k.Value.ToJson()))),
    };

    /// <summary>Reads exactly that form.</summary>
    public static bool TryParse(JsonElement json, [NotNullWhen(true)] out Member? member)
    {
        member = null;
        if (!Members.TryRead(json, out var m, "jwk", "keys", "kid", "power") || !Jwk.TryParse(m["jwk"], out var jwk)
            || !m.TryText("kid", out var kid) || kid != jwk.Kid || !m.TryLong("power", 1, out var power) || !TryReadKeys(m["keys"], out var keys))
        {
            return false;
        }
        member = new(jwk, power, keys);
        return true;
    }

    internal static bool TryReadKeys(JsonElement json, out Dictionary<string, Jwk> keys)
    {
        keys = new(StringComparer.Ordinal);
        if (json.ValueKind != JsonValueKind.Object)
        {
            return false;
        }
        foreach (var key in json.EnumerateObject())
        {
            if (key.Name is not (KeyPurpose.Checkpoint or KeyPurpose.Receipt or KeyPurpose.Status or KeyPurpose.Transport or KeyPurpose.Share)
                || !Jwk.TryParse(key.Value, out var jwk))
            {
                return false;
            }
            keys[key.Name] = jwk;
        }
        return true;
    }
}

/// <summary>The validators in force at a height. Its hash is SHA-256 of the JCS array of members sorted by kid.</summary>
public sealed class ValidatorSet
{
    /// <summary>Most members of a set.</summary>
    public const int MembersMax = 31;

    /// <summary>Fewest members of a set that a change may bring: with fewer no fault is tolerated. Only a genesis file may begin with less.</summary>
    public const int MembersMin = 4;

    private readonly Dictionary<string, Member> byKid;

    /// <summary>Takes 1 or more members with distinct ids; throws <see cref="ArgumentException"/> otherwise.</summary>
    public ValidatorSet(IEnumerable<Member> members)
    {
        Members = [.. members.OrderBy(m => m.Kid, StringComparer.Ordinal)];
        byKid = Members.ToDictionary(m => m.Kid, StringComparer.Ordinal);
        if (Members.Count == 0)
        {
            throw new ArgumentException("A validator set has at least one member.", nameof(members));
        }
        Power = Members.Sum(m => m.Power);
        Hash = Digest.Of(Jcs.Bytes(ToJson()));
    }

    /// <summary>Members in order of their ids.</summary>
    public IReadOnlyList<Member> Members { get; }

    /// <summary>Total voting power.</summary>
    public long Power { get; }

    /// <summary>What a header's <c>validators</c> names.</summary>
    public Digest Hash { get; }

    /// <summary>How many faulty members of power 1 it tolerates: floor((n - 1) / 3).</summary>
    public int Tolerates => (Members.Count - 1) / 3;

    /// <summary>The member with this consensus key, or null.</summary>
    public Member? Find(string kid) => byKid.GetValueOrDefault(kid);

    /// <summary>Whether a power is more than two thirds of the total.</summary>
    public bool IsQuorum(long power) => 3 * power > 2 * Power;

    /// <summary>The least power that is a quorum.</summary>
    public long Quorum => (2 * Power / 3) + 1;

    /// <summary>The JCS array.</summary>
    public JsonArray ToJson() => [.. Members.Select(m => m.ToJson())];

    /// <summary>Reads the JCS array, which must be sorted by kid without repeats, 1 to 31 members.</summary>
    public static bool TryParse(JsonElement json, [NotNullWhen(true)] out ValidatorSet? set)
    {
        set = null;
        if (json.ValueKind != JsonValueKind.Array || json.GetArrayLength() is 0 or > MembersMax)
        {
            return false;
        }
        var members = new List<Member>();
        foreach (var item in json.EnumerateArray())
        {
            if (!Member.TryParse(item, out var member) || (members.Count > 0 && string.CompareOrdinal(members[^1].Kid, member.Kid) >= 0))
            {
                return false;
            }
            members.Add(member);
        }
        set = new(members);
        return true;
    }
}
