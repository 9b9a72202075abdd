using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>How a machine shows who it is when it asks for a token: a JWT signed with its registered key. Source: RFC 7523 section 3, RFC 8725 section 3.11.</summary>
/// <param name="Client">URI of the source or application: <c>iss</c> and <c>sub</c>.</param>
/// <param name="Audience">The ledger that it is meant for.</param>
/// <param name="Id">Its <c>jti</c>; it counts once.</param>
/// <param name="ExpiresAt">Seconds since 1970.</param>
public sealed record ClientAssertion(string Client, string Audience, string Id, long ExpiresAt)
{
    /// <summary>The header's <c>typ</c>; libraries that know no better write <c>JWT</c>, which nothing else on this ledger does.</summary>
    public const string Typ = "client-authentication+jwt";

    /// <summary>Longest life in seconds: a minute.</summary>
    public const int LifeSecondsMax = 60;

    /// <summary>Signs one that lives for half a minute.</summary>
    /// <param name="key">The party's <c>client</c> key; a source may use its <c>record</c> key.</param>
    /// <param name="client">URI of the party.</param>
    /// <param name="chain">Chain id.</param>
    /// <param name="id">A random text, never used before.</param>
    /// <param name="now">The party's clock.</param>
    public static string Create(SigningKey key, string client, string chain, string id, LedgerTime now) => key.SignJws(Typ, Jcs.Bytes(new JsonObject
    {
        ["iss"] = client, ["sub"] = client, ["aud"] = $"urn:eventledger:{chain}", ["jti"] = id, ["iat"] = now.UnixMs / 1000,
        ["exp"] = (now.UnixMs / 1000) + (LifeSecondsMax / 2),
    }));

    /// <summary>Reads the claims; false when it is something else. Signature, audience and time are the caller's to check.</summary>
    public static bool TryRead(Jws jws, [NotNullWhen(true)] out ClientAssertion? assertion)
    {
        assertion = null;
        if (jws.Typ is not (Typ or "JWT") || !Members.TryRead(jws.Payload, out var m, "aud", "exp", "iat?", "iss", "jti", "nbf?", "sub")
            || !m.TryText("iss", out var issuer) || !m.TryText("sub", out var subject) || issuer != subject || !m.TryText("aud", out var audience)
            || !m.TryText("jti", out var id) || id.Length is 0 or > 128 || !m.TryLong("exp", 0, out var expires))
        {
            return false;
        }
        assertion = new(issuer, audience, id, expires);
        return true;
    }
}
