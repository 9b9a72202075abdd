using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>What an access token says: who may call one reference point, for a few minutes. Source: RFC 9068 section 2, RFC 8707.</summary>
/// <param name="Issuer">Who issued it: the ledger's address, or its name where it has none.</param>
/// <param name="Subject">A source's or an application's URI, or a person's pseudonym.</param>
/// <param name="Kind"><c>source</c>, <c>application</c> or <c>person</c>.</param>
/// <param name="Audience">The one reference point: see <see cref="AudienceOf"/>.</param>
/// <param name="Scopes">What it may be used for there.</param>
/// <param name="Id">Its <c>jti</c>.</param>
/// <param name="IssuedAt">Seconds since 1970.</param>
/// <param name="ExpiresAt">Seconds since 1970 from which it counts no more.</param>
/// <param name="Session">The sign-in that it stands on; null for a machine's.</param>
public sealed record AccessToken(string Issuer, string Subject, string Kind, string Audience, ImmutableSortedSet<string> Scopes, string Id, long IssuedAt,
    long ExpiresAt, string? Session)
{
    /// <summary>The header's <c>typ</c>.</summary>
    public const string Typ = "at+jwt";

    /// <summary>Life of a token in seconds: five minutes.</summary>
    public const int LifeSeconds = 300;

    /// <summary>The audience of a reference point: <c>urn:eventledger:{chain}:{point}</c>, so that a token opens one door of one ledger.</summary>
    /// <param name="chain">Chain id.</param>
    /// <param name="point"><c>r2d</c>, <c>u2s</c>, <c>o2c</c> or <c>v2m</c>.</param>
    public static string AudienceOf(string chain, string point) => $"urn:eventledger:{chain}:{point}";

    /// <summary>Signs it with a host's <c>token</c> key.</summary>
    public string Sign(SigningKey key)
    {
        var payload = new JsonObject
        {
            ["iss"] = Issuer, ["sub"] = Subject, ["client_id"] = Subject, ["kind"] = Kind, ["aud"] = Audience, ["scope"] = string.Join(' ', Scopes),
            ["jti"] = Id, ["iat"] = IssuedAt, ["exp"] = ExpiresAt,
        };
        if (Session is not null)
        {
            payload["sid"] = Session;
        }
        return key.SignJws(Typ, Jcs.Bytes(payload));
    }

    /// <summary>Reads the claims of a token; false when it is something else. Signature, issuer, audience and time are the caller's to check.</summary>
    public static bool TryRead(Jws jws, [NotNullWhen(true)] out AccessToken? token)
    {
        token = null;
        if (jws.Typ != Typ || !Members.TryRead(jws.Payload, out var m, "aud", "client_id", "exp", "iat", "iss", "jti", "kind", "scope", "sid?", "sub")
            || !m.TryText("iss", out var issuer) || !m.TryText("sub", out var subject) || !m.TryText("kind", out var kind) || !m.TryText("aud", out var audience)
            || !m.TryText("scope", out var scope) || !m.TryText("jti", out var id) || !m.TryLong("iat", 0, out var issued) || !m.TryLong("exp", 0, out var expires))
        {
            return false;
        }
        var session = m.TryText("sid", out var sid) ? sid : null;
        token = new(issuer, subject, kind, audience, [.. scope.Split(' ', StringSplitOptions.RemoveEmptyEntries)], id, issued, expires, session);
        return true;
    }
}
