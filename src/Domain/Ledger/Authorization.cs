using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>
/// People's signatures under one command: what changes authority is signed by people, never by the host.
/// Source: DESIGN section 3 "Authority"; WebAuthn Level 3 section 7.2 for passkeys.
/// </summary>
public static class Authorization
{
    /// <summary>Longest life of an authorization: 24 hours, in milliseconds.</summary>
    public const long LifeMsMax = 24L * 60 * 60 * 1000;

    /// <summary>What each person signs: SHA-256 of JCS <c>{chain, command, expectedVersion, nonce, exp}</c> with <c>command = {stream, type, data}</c>.</summary>
    /// <param name="chain">Chain id.</param>
    /// <param name="stream">Stream of the event.</param>
    /// <param name="type">Event type.</param>
    /// <param name="data">The event's data without <c>authorization</c>.</param>
    /// <param name="expectedVersion">Version of the stream before the event; 0 for a new stream.</param>
    /// <param name="nonce">16 random bytes in base64url.</param>
    /// <param name="exp">Until when it may be used.</param>
    public static Digest Subject(string chain, string stream, string type, JsonObject data, long expectedVersion, string nonce, LedgerTime exp) =>
        Digest.Of(Jcs.Bytes(new JsonObject
        {
            ["chain"] = chain,
            ["command"] = new JsonObject { ["stream"] = stream, ["type"] = type, ["data"] = data.DeepClone() },
            ["expectedVersion"] = expectedVersion,
            ["nonce"] = nonce,
            ["exp"] = exp.ToString(),
        }));

    /// <summary>Signs with a CLI key: compact JWS whose payload is the 32 hash bytes.</summary>
    public static JsonObject Sign(SigningKey key, Digest subject) => new() { ["kid"] = key.Public.Kid, ["jws"] = key.SignJws("authorization+jws", subject.ToArray()) };

    /// <summary>The <c>authorization</c> member.</summary>
    public static JsonObject Create(string nonce, LedgerTime exp, params IEnumerable<JsonObject> signatures) =>
        new() { ["nonce"] = nonce, ["exp"] = exp.ToString(), ["signatures"] = new JsonArray([.. signatures]) };

    /// <summary>Null when enough distinct people of the role that the type needs signed exactly this event; else the rejection code.</summary>
    /// <param name="entry">The event, whose data holds the <c>authorization</c>.</param>
    /// <param name="data">Its parsed data.</param>
    /// <param name="genesis">Chain, rpId, origins, persons required.</param>
    /// <param name="registry">State before the event.</param>
    /// <param name="previous">Time of the previous header.</param>
    public static string? Check(Entry entry, JsonElement data, Genesis genesis, Registry registry, LedgerTime previous)
    {
        if (!data.TryGetProperty("authorization", out var json) || !Members.TryRead(json, out var m, "exp", "nonce", "signatures")
            || !m.TryText("nonce", out var nonce) || !B64.TryDecode(nonce, out var random) || random.Length < 16
            || !m.TryTime("exp", out var exp) || m["signatures"].ValueKind != JsonValueKind.Array || m["signatures"].GetArrayLength() is 0 or > 9)
        {
            return RejectionCode.AuthorizationMalformed;
        }
        if (exp < previous || exp > entry.Time.PlusMs(LifeMsMax))
        {
            return RejectionCode.AuthorizationExpired;
        }
        var role = EventTable.RoleOf(EventTable.Types[entry.Type]) ?? throw new InvalidOperationException($"Nobody signs {entry.Type}.");
        var command = (JsonObject)JsonNode.Parse(entry.Data.Span)!;
        command.Remove("authorization");
        if (TrySubject(genesis.Chain, entry, command, nonce, exp) is not { } subject)
        {
            return RejectionCode.AuthorizationMalformed;
        }
        var people = new HashSet<string>(StringComparer.Ordinal);
        var strong = false;
        foreach (var signature in m["signatures"].EnumerateArray())
        {
            if (!TryVerify(signature, subject, genesis.Parameters, registry, role, entry.Seq, previous, out var key) || !people.Add(key.Owner))
            {
                return RejectionCode.AuthorizationSignature;
            }
            strong |= key.Kind != PersonKeyKind.Browser;
        }
        // The event stands under the name of one who signed it, or a host could lay it at anybody's door.
        if (!people.Contains(entry.Actor))
        {
            return RejectionCode.AuthorizationSignature;
        }
        var needed = genesis.Parameters.Persons.GetValueOrDefault(entry.Type, EventTable.PersonsOf(entry.Type));
        // A key that lives in a browser without user verification never stands alone.
        return people.Count < needed || !strong ? RejectionCode.AuthorizationPersons : null;
    }

    /// <summary>The key with which a person who has a role signed a subject; null when nobody of that role did.</summary>
    /// <param name="signature">One of <c>signatures</c>.</param>
    /// <param name="subject">What is signed.</param>
    /// <param name="registry">Keys and roles.</param>
    /// <param name="role">The role needed.</param>
    /// <param name="seq">Seq of the entry that bears it, or one beyond the newest before it has one.</param>
    /// <param name="previous">Time of the previous header.</param>
    public static KeyRecord? SignerOf(JsonElement signature, Digest subject, Registry registry, string role, long seq, LedgerTime previous) =>
        TryVerify(signature, subject, registry.Portal, registry, role, seq, previous, out var key) ? key : null;

    // Data may nest as deep as canonical JSON can; inside the command it would then be one level too deep to have a canonical form.
    private static Digest? TrySubject(string chain, Entry entry, JsonObject command, string nonce, LedgerTime exp)
    {
        try
        {
            return Subject(chain, entry.Stream, entry.Type, command, entry.Version - 1, nonce, exp);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static bool TryVerify(JsonElement json, Digest subject, GenesisParameters parameters, Registry registry, string role, long seq, LedgerTime previous,
        [NotNullWhen(true)] out KeyRecord? key)
    {
        key = null;
        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("kid", out var id) || id.ValueKind != JsonValueKind.String
            || !registry.Keys.TryGetValue(id.GetString()!, out key) || key.Purpose != KeyPurpose.Operator || !key.IsValidAt(seq, previous)
            || !registry.HasRole(key.Owner, role, previous))
        {
            return false;
        }
        if (Members.TryRead(json, out var cli, "jws", "kid"))
        {
            return key.Kind != PersonKeyKind.Passkey && cli.TryText("jws", out var jws) && IsJws(jws, key.Jwk, subject);
        }
        return Members.TryRead(json, out var m, "authenticatorData", "clientDataJSON", "kid", "signature") && key.Kind == PersonKeyKind.Passkey
            && m.TryText("authenticatorData", out var a) && B64.TryDecode(a, out var authenticator)
            && m.TryText("clientDataJSON", out var c) && B64.TryDecode(c, out var client)
            && m.TryText("signature", out var s) && B64.TryDecode(s, out var signature)
            && IsAssertion(authenticator, client, signature, key.Jwk, subject, parameters);
    }

    private static bool IsJws(string jws, Jwk key, Digest subject)
    {
        var parts = jws.Split('.');
        if (parts.Length != 3 || !B64.TryDecode(parts[0], out var header) || !B64.TryDecode(parts[1], out var payload) || !B64.TryDecode(parts[2], out var signature)
            || !payload.AsSpan().SequenceEqual(subject.ToArray()))
        {
            return false;
        }
        using var document = Jcs.TryParse(header);
        return document is not null && Members.TryRead(document.RootElement, out var m, "alg", "kid", "typ") && m.TryText("alg", out var alg) && alg == "ES256"
            && m.TryText("kid", out var kid) && kid == key.Kid && m.TryText("typ", out var typ) && typ == "authorization+jws"
            && key.Verify(Encoding.ASCII.GetBytes(jws[..jws.LastIndexOf('.')]), signature);
    }

    // User present and user verified must both be set: whoever merely holds the device has not consented.
    private static bool IsAssertion(byte[] authenticator, byte[] client, byte[] signature, Jwk key, Digest subject, GenesisParameters parameters)
    {
        const int present = 0x01, verified = 0x04;
        if (authenticator.Length < 37 || (authenticator[32] & (present | verified)) != (present | verified)
            || !authenticator.AsSpan(0, 32).SequenceEqual(SHA256.HashData(Encoding.UTF8.GetBytes(parameters.RpId))))
        {
            return false;
        }
        using var document = Jcs.TryParse(client);
        if (document is null || document.RootElement is not { ValueKind: JsonValueKind.Object } c
            || !c.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String || !type.ValueEquals("webauthn.get")
            || !c.TryGetProperty("challenge", out var challenge) || challenge.ValueKind != JsonValueKind.String
            || !challenge.ValueEquals(B64.Encode(subject.ToArray()))
            || !c.TryGetProperty("origin", out var origin) || origin.ValueKind != JsonValueKind.String || !parameters.Origins.Contains(origin.GetString()!)
            || (c.TryGetProperty("crossOrigin", out var cross) && cross.ValueKind != JsonValueKind.False))
        {
            return false;
        }
        return key.VerifyDer([.. authenticator, .. SHA256.HashData(client)], signature);
    }
}
