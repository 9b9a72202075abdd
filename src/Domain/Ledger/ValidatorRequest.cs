using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>A body's request to be invited as a validator, or to change its keys: signed by every key that it brings, so that it proves to hold each.</summary>
/// <param name="Body">The bytes that the keys sign: JCS of <c>{typ, name, address, ledger, iat, keys}</c>.</param>
/// <param name="Validator">Name, address and keys; power 1.</param>
/// <param name="Ledger">Chain id.</param>
/// <param name="IssuedAt">Seconds since 1970.</param>
/// <param name="Signatures">One for each key, ascending by kid.</param>
public sealed record ValidatorRequest(byte[] Body, GenesisValidator Validator, string Ledger, long IssuedAt, IReadOnlyList<KidSignature> Signatures)
{
    /// <summary>The body's <c>typ</c>: no key of a validator signs anything else that has this member.</summary>
    public const string Typ = "validator-request";

    /// <summary>Purposes of the keys that a request brings: each exactly once.</summary>
    public static IReadOnlyList<string> Purposes { get; } = [KeyPurpose.Consensus, KeyPurpose.Checkpoint, KeyPurpose.Receipt, KeyPurpose.Status, KeyPurpose.Transport];

    /// <summary>Makes a request.</summary>
    /// <param name="name">What people call the validator, 1 to 64 characters.</param>
    /// <param name="address"><c>host:port</c> where peers and hosts reach it.</param>
    /// <param name="ledger">Chain id.</param>
    /// <param name="now">When it is signed.</param>
    /// <param name="keys">One of each purpose.</param>
    public static JsonObject Create(string name, string address, string ledger, LedgerTime now, IReadOnlyCollection<SigningKey> keys)
    {
        var body = new JsonObject
        {
            ["typ"] = Typ, ["name"] = name, ["address"] = address, ["ledger"] = ledger, ["iat"] = now.UnixMs / 1000,
            ["keys"] = new JsonObject(keys.Select(k => KeyValuePair.Create(k.Purpose, (JsonNode?)k.Public.ToJson()))),
        };
        var bytes = Jcs.Bytes(body);
        var signatures = keys.Select(k => new KidSignature(k.Public.Kid, B64.Encode(k.Sign(bytes)))).OrderBy(s => s.Kid, StringComparer.Ordinal);
        return new() { ["body"] = body, ["signatures"] = Commit.SignaturesToJson([.. signatures]) };
    }

    /// <summary>Reads a request; <paramref name="problem"/> says in words what is wrong. The signatures are checked by <see cref="Problem"/>.</summary>
    public static bool TryParse(JsonElement json, [NotNullWhen(true)] out ValidatorRequest? request, [NotNullWhen(false)] out string? problem)
    {
        request = null;
        problem = "A validator's request is {body: {typ: validator-request, name, address, ledger, iat, keys}, signatures: [{kid, sig}]}.";
        if (!Members.TryRead(json, out var whole, "body", "signatures") || !Commit.TryReadSignatures(whole["signatures"], out var signatures)
            || !Members.TryRead(whole["body"], out var m, "address", "iat", "keys", "ledger", "name", "typ")
            || !m.TryText("typ", out var typ) || typ != Typ || !m.TryText("ledger", out var ledger) || !m.TryLong("iat", 0, out var iat))
        {
            return false;
        }
        if (!m.TryText("name", out var name) || name.Length is 0 or > 64 || name.Any(char.IsControl) || !m.TryText("address", out var address) || !IsAddress(address))
        {
            problem = "name has 1 to 64 characters, address is host:port.";
            return false;
        }
        if (!TryReadKeys(m["keys"], out var keys) || keys.Values.DistinctBy(k => k.Kid).Count() != Purposes.Count)
        {
            problem = $"keys are five different public keys: {string.Join(", ", Purposes)}.";
            return false;
        }
        keys.Remove(KeyPurpose.Consensus, out var consensus);
        (request, problem) = (new(Jcs.Bytes(whole["body"]), new(name, address, new(consensus!, 1, keys)), ledger, iat, signatures), null);
        return true;
    }

    /// <summary>A rejection code when the request is for another chain, from the future, or lacks the signature of one of its keys.</summary>
    public string? Problem(string chain, LedgerTime time)
    {
        if (Ledger != chain)
        {
            return RejectionCode.LedgerWrong;
        }
        if (IssuedAt * 1000 > time.UnixMs + RecordRules.IatAheadMsMax)
        {
            return RejectionCode.IatFuture;
        }
        var keys = ValidatorRoll.KeysOf(Validator.Member).Select(k => k.Value).OrderBy(k => k.Kid, StringComparer.Ordinal).ToList();
        return Signatures.Count == keys.Count && keys.Zip(Signatures).All(p =>
            p.First.Kid == p.Second.Kid && B64.TryDecode(p.Second.Sig, out var signature) && p.First.Verify(Body, signature))
                ? null
                : RejectionCode.SignatureWrong;
    }

    private static bool TryReadKeys(JsonElement json, out Dictionary<string, Jwk> keys)
    {
        keys = new(StringComparer.Ordinal);
        if (!Members.TryRead(json, out var m, [.. Purposes]))
        {
            return false;
        }
        foreach (var purpose in Purposes)
        {
            if (!Jwk.TryParse(m[purpose], out var key))
            {
                return false;
            }
            keys[purpose] = key;
        }
        return true;
    }

    // Nodes connect to what stands here, so it is a host and a port and nothing else.
    private static bool IsAddress(string text) => text.Length <= 260 && text.LastIndexOf(':') is > 0 and var at
        && int.TryParse(text.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65_535
        && text.Take(at).All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '[' or ']' or ':');
}
