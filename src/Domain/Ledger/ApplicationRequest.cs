using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>An application's request for registration: a JWT signed by the very <c>client</c> key that it brings, so that it proves to hold it.</summary>
/// <param name="Jwt">The compact JWT.</param>
/// <param name="Uri">The application's URI, at most 256 characters.</param>
/// <param name="Name">What people call it, 1 to 200 characters.</param>
/// <param name="Organisation">Whose it is, by id.</param>
/// <param name="Ledger">Chain id.</param>
/// <param name="Key">The key.</param>
/// <param name="IssuedAt">Seconds since 1970.</param>
public sealed record ApplicationRequest(string Jwt, string Uri, string Name, string Organisation, string Ledger, Jwk Key, long IssuedAt)
{
    /// <summary>The header's <c>typ</c>.</summary>
    public const string Typ = "application-request+jwt";

    /// <summary>Signs a request.</summary>
    public static string Create(SigningKey key, string uri, string name, string organisation, string ledger, LedgerTime now) => key.SignJws(Typ, Jcs.Bytes(new JsonObject
    {
        ["uri"] = uri, ["name"] = name, ["organisation"] = organisation, ["ledger"] = ledger, ["iat"] = now.UnixMs / 1000, ["jwk"] = key.Public.ToJson(),
    }));

    /// <summary>Reads a request; <paramref name="problem"/> says in words what is wrong. The signature is checked by <see cref="Problem"/>.</summary>
    public static bool TryParse(string jwt, [NotNullWhen(true)] out ApplicationRequest? request, [NotNullWhen(false)] out string? problem)
    {
        request = null;
        problem = "An application's request is a JWT with header {alg: ES256, kid, typ: application-request+jwt} and payload {uri, name, organisation, ledger, iat, jwk}.";
        if (!SignedJwt.TryRead(jwt, Typ, out var kid, out var payload) || !Members.TryRead(payload, out var m, "iat", "jwk", "ledger", "name", "organisation", "uri"))
        {
            return false;
        }
        if (!m.TryText("uri", out var uri) || uri.Length is 0 or > RegistryEvents.IssLengthMax || !System.Uri.TryCreate(uri, UriKind.Absolute, out _))
        {
            problem = "uri must be an absolute URI of at most 256 characters.";
            return false;
        }
        if (!m.TryText("name", out var name) || name.Length is 0 or > 200 || !m.TryText("organisation", out var organisation) || !m.TryText("ledger", out var ledger)
            || !m.TryLong("iat", 0, out var iat) || !Jwk.TryParse(m["jwk"], out var key) || key.Kid != kid)
        {
            problem = "name (1 to 200 characters), organisation, ledger, iat (seconds) and jwk (whose thumbprint is the header's kid) are needed.";
            return false;
        }
        (request, problem) = (new(jwt, uri, name, organisation, ledger, key, iat), null);
        return true;
    }

    /// <summary>A rejection code when the request is for another chain, from the future, or not signed by its own key.</summary>
    public string? Problem(string chain, LedgerTime time) =>
        Ledger != chain ? RejectionCode.LedgerWrong
        : IssuedAt * 1000 > time.UnixMs + RecordRules.IatAheadMsMax ? RejectionCode.IatFuture
        : SignedJwt.IsSignedBy(Jwt, Key) ? null : RejectionCode.SignatureWrong;
}
