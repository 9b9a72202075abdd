using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>A validator as the genesis file introduces it.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Address"><c>host:port</c> of its gateway and peer port.</param>
/// <param name="Member">Its keys and power.</param>
public sealed record GenesisValidator(string Name, string Address, Member Member);

/// <summary>An operator of the first hour: at least two, so that dangerous acts find a second person.</summary>
/// <param name="Pseudonym">Random 128 bits in base64url; who it is stands outside the chain.</param>
/// <param name="Jwk">The key that signs authorizations.</param>
public sealed record GenesisOperator(string Pseudonym, Jwk Jwk);

/// <summary>A host that may hand batches to validators.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Receipt">Signs receipts.</param>
/// <param name="Status">Signs status lists.</param>
/// <param name="Transport">Authenticates its connections.</param>
public sealed record GenesisHost(string Name, Jwk Receipt, Jwk Status, Jwk Transport);

/// <summary>What stands in genesis <c>parameters</c>.</summary>
/// <param name="RpId">WebAuthn relying party id: the domain of the portal.</param>
/// <param name="Origins">Origins from which a passkey assertion is accepted.</param>
/// <param name="Persons">How many distinct people sign each event type; <see cref="EventTable.PersonsOf"/> where a type is not named.</param>
public sealed record GenesisParameters(string RpId, IReadOnlyList<string> Origins, IReadOnlyDictionary<string, int> Persons);

/// <summary>The file that a chain starts from and that a verifier needs, and nothing else. Source: DESIGN section 3 "Genesis".</summary>
public sealed class Genesis
{
    private Genesis(byte[] file, string name, LedgerTime time, GenesisParameters parameters, IReadOnlyList<GenesisValidator> validators,
        IReadOnlyList<GenesisOperator> operators, IReadOnlyList<GenesisHost> hosts)
    {
        (File, Name, Time, Parameters, Validators, Operators, Hosts) = (file, name, time, parameters, validators, operators, hosts);
        Hash = Digest.Of(file);
        Chain = $"{name}-{Hash.ToString()[..16]}";
        Set = new(validators.Select(v => v.Member));
    }

    /// <summary>The file's bytes: JCS.</summary>
    public byte[] File { get; }

    /// <summary>The chain's name.</summary>
    public string Name { get; }

    /// <summary>Time of height 0.</summary>
    public LedgerTime Time { get; }

    /// <summary>Rules fixed at birth.</summary>
    public GenesisParameters Parameters { get; }

    /// <summary>The first validators, 1 to 31 (4 or more tolerate a fault).</summary>
    public IReadOnlyList<GenesisValidator> Validators { get; }

    /// <summary>The first operators, 2 or more.</summary>
    public IReadOnlyList<GenesisOperator> Operators { get; }

    /// <summary>The first hosts, 1 or more.</summary>
    public IReadOnlyList<GenesisHost> Hosts { get; }

    /// <summary>SHA-256 of the file: the hash of height 0.</summary>
    public Digest Hash { get; }

    /// <summary>Chain id: name, <c>-</c>, first 16 hex digits of the hash.</summary>
    public string Chain { get; }

    /// <summary>The first validator set.</summary>
    public ValidatorSet Set { get; }

    /// <summary>The entry with seq 1.</summary>
    public Entry Entry => new(1, "ledger", 1, "genesis", Time, "genesis", File);

    /// <summary>The header of height 0, whose hash is the hash of the file.</summary>
    public BlockHeader Header => new(Chain, 0, Digest.Zero, Time, 1, 0, MerkleTree.EmptyRoot, Digest.Zero, Digest.Zero, Set.Hash, Set.Hash, "") { FixedHash = Hash };

    /// <summary>Writes a genesis file.</summary>
    public static byte[] Write(string name, LedgerTime time, GenesisParameters parameters, IReadOnlyList<GenesisValidator> validators,
        IReadOnlyList<GenesisOperator> operators, IReadOnlyList<GenesisHost> hosts) => Jcs.Bytes(new JsonObject
        {
            ["v"] = 1,
            ["name"] = name,
            ["time"] = time.ToString(),
            ["parameters"] = new JsonObject
            {
                ["rpId"] = parameters.RpId,
                ["origins"] = new JsonArray([.. parameters.Origins.Select(o => JsonValue.Create(o))]),
                ["persons"] = new JsonObject(parameters.Persons.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)JsonValue.Create(p.Value)))),
            },
            ["validators"] = new JsonArray([.. validators.Select(v => new JsonObject
            {
                ["name"] = v.Name, ["address"] = v.Address, ["power"] = v.Member.Power,
                ["keys"] = new JsonObject(v.Member.Keys.Append(KeyValuePair.Create(KeyPurpose.Consensus, v.Member.Jwk))
                    .Select(k => KeyValuePair.Create(k.Key, (JsonNode?)k.Value.ToJson()))),
            })]),
            ["operators"] = new JsonArray([.. operators.Select(o => new JsonObject { ["pseudonym"] = o.Pseudonym, ["jwk"] = o.Jwk.ToJson() })]),
            ["hosts"] = new JsonArray([.. hosts.Select(h => new JsonObject
            {
                ["name"] = h.Name, ["receipt"] = h.Receipt.ToJson(), ["status"] = h.Status.ToJson(), ["transport"] = h.Transport.ToJson(),
            })]),
        });

    /// <summary>Reads a genesis file; false when it is not the canonical form of exactly these members.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> file, [NotNullWhen(true)] out Genesis? genesis)
    {
        genesis = null;
        if (!Jcs.IsCanonical(file) || Jcs.TryParse(file) is not { } document
            || !Ledger.Members.TryRead(document.RootElement, out var m, "hosts", "name", "operators", "parameters", "time", "v", "validators")
            || !m.IsOne("v") || !m.TryText("name", out var name) || name.Length is 0 or > 64 || !m.TryTime("time", out var time)
            || !TryReadParameters(m["parameters"], out var parameters)
            || !TryReadList(m["validators"], ReadValidator, out var validators) || validators.Count is 0 or > 31
            || validators.DistinctBy(v => v.Member.Kid).Count() != validators.Count
            || !TryReadList(m["operators"], ReadOperator, out var operators) || operators.DistinctBy(o => o.Pseudonym).Count() is var people && people < 2
            || people != operators.Count || !TryReadList(m["hosts"], ReadHost, out var hosts) || hosts.Count == 0)
        {
            return false;
        }
        genesis = new(file.ToArray(), name, time, parameters, validators, operators, hosts);
        return true;
    }

    private static bool TryReadList<T>(JsonElement json, Func<JsonElement, T?> read, out List<T> items)
        where T : class
    {
        items = [];
        if (json.ValueKind != JsonValueKind.Array)
        {
            return false;
        }
        foreach (var item in json.EnumerateArray())
        {
            if (read(item) is not { } one)
            {
                return false;
            }
            items.Add(one);
        }
        return true;
    }

    private static bool TryReadParameters(JsonElement json, [NotNullWhen(true)] out GenesisParameters? parameters)
    {
        parameters = null;
        if (!Ledger.Members.TryRead(json, out var m, "origins", "persons", "rpId") || !m.TryText("rpId", out var rpId)
            || !TryReadList(m["origins"], o => o.ValueKind == JsonValueKind.String ? o.GetString() : null, out var origins)
            || m["persons"].ValueKind != JsonValueKind.Object)
        {
            return false;
        }
        var persons = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var p in m["persons"].EnumerateObject())
        {
            if (p.Value.ValueKind != JsonValueKind.Number || !p.Value.TryGetInt32(out var n) || n is < 1 or > 9)
            {
                return false;
            }
            persons[p.Name] = n;
        }
        parameters = new(rpId, origins, persons);
        return true;
    }

    private static GenesisValidator? ReadValidator(JsonElement json)
    {
        if (!Ledger.Members.TryRead(json, out var m, "address", "keys", "name", "power") || !m.TryText("name", out var name)
            || !m.TryText("address", out var address) || !m.TryLong("power", 1, out var power) || m["keys"].ValueKind != JsonValueKind.Object
            || !m["keys"].TryGetProperty(KeyPurpose.Consensus, out var consensus) || !Jwk.TryParse(consensus, out var jwk))
        {
            return null;
        }
        var others = new JsonObject(m["keys"].EnumerateObject().Where(k => k.Name != KeyPurpose.Consensus)
            .Select(k => KeyValuePair.Create(k.Name, JsonNode.Parse(k.Value.GetRawText()))));
        using var document = JsonDocument.Parse(others.ToJsonString());
        return Member.TryReadKeys(document.RootElement, out var keys) ? new(name, address, new(jwk, power, keys)) : null;
    }

    private static GenesisOperator? ReadOperator(JsonElement json) =>
        Ledger.Members.TryRead(json, out var m, "jwk", "pseudonym") && m.TryText("pseudonym", out var pseudonym) && Jwk.TryParse(m["jwk"], out var jwk)
            ? new(pseudonym, jwk)
            : null;

    private static GenesisHost? ReadHost(JsonElement json) =>
        Ledger.Members.TryRead(json, out var m, "name", "receipt", "status", "transport") && m.TryText("name", out var name)
        && Jwk.TryParse(m["receipt"], out var receipt) && Jwk.TryParse(m["status"], out var status) && Jwk.TryParse(m["transport"], out var transport)
            ? new(name, receipt, status, transport)
            : null;
}
