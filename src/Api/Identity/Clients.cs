using System.Collections.Immutable;
using EventLedger.Api.Host;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Identity;

/// <summary>Who asks for a token, and the most that it may say.</summary>
/// <param name="Id">A URI or a pseudonym.</param>
/// <param name="Kind"><c>source</c>, <c>application</c> or <c>person</c>.</param>
/// <param name="Scopes">The most.</param>
/// <param name="Session">A person's sign-in.</param>
public sealed record Grantee(string Id, string Kind, ImmutableSortedSet<string> Scopes, string? Session);

/// <summary>Recognises machines by their registered keys, and people by their sessions.</summary>
public sealed class Clients(IdentityTables tables, Sessions sessions, Callers callers, Issuer issuer, HostState state, LedgerHead head, TimeProvider clock)
{
    /// <summary>The machine behind a client assertion; null with the reason in words that reveal nothing of the registry.</summary>
    public async Task<(Grantee? Grantee, string? Problem)> OfAssertion(string? assertion, CancellationToken cancellation)
    {
        if (!Jws.TryParse(assertion, out var jws) || !ClientAssertion.TryRead(jws, out var claims))
        {
            return (null, "client_assertion must be a JWS with header {alg: ES256, kid, typ: client-authentication+jwt} and payload {iss, sub, aud, jti, exp, iat?, nbf?}.");
        }
        var now = LedgerTime.From(clock.GetUtcNow()).UnixMs / 1000;
        if (claims.ExpiresAt <= now || claims.ExpiresAt > now + ClientAssertion.LifeSecondsMax)
        {
            return (null, $"The assertion must expire within {ClientAssertion.LifeSecondsMax} s from now, and not before; check the clock.");
        }
        if (!issuer.Audiences.Contains(claims.Audience))
        {
            return (null, $"The assertion's audience must be {issuer.Chain}.");
        }
        var (registry, seq) = state.Now;
        if (!registry.Keys.TryGetValue(jws.Kid, out var key) || key.Owner != claims.Client || !key.IsValidAt(seq + 1, head.Header.Time) || !jws.IsSignedBy(key.Jwk))
        {
            return (null, "The assertion is not signed by a valid key of this client.");
        }
        if (Of(registry, key) is not { } grantee)
        {
            return (null, "The client is not active, or the key serves another purpose.");
        }
        // Last of all, so that nobody can use up what is not theirs.
        return await Once(claims, cancellation) ? (grantee, null) : (null, "The assertion was used before; sign a new one with a jti of its own.");
    }

    /// <summary>The person behind the secret of a session.</summary>
    public async Task<(Grantee? Grantee, string? Problem)> OfSession(string? secret, CancellationToken cancellation)
    {
        if (secret is null || await sessions.BySecret(secret, cancellation) is not { } session)
        {
            return (null, "There is no such session, or it has ended. Sign in again.");
        }
        return (new(session.Pseudonym, "person", callers.OfPerson(session).Scopes, session.Id), null);
    }

    // A source that has brought no client key yet may use the key of its records: the form of an assertion is no record's.
    private static Grantee? Of(Registry registry, KeyRecord key) => key.Purpose switch
    {
        KeyPurpose.Client or KeyPurpose.Record when registry.Sources.TryGetValue(key.Owner, out var source) && source.State != SourceState.Retired =>
            new(source.Iss, "source", Ceiling.OfSource(source.State), null),
        KeyPurpose.Client when registry.Applications.TryGetValue(key.Owner, out var application) && application.State == SourceState.Active =>
            new(application.Uri, "application", Ceiling.OfApplication(application), null),
        _ => null,
    };

    private async Task<bool> Once(ClientAssertion claims, CancellationToken cancellation) => (await tables.Read("use_jti", _ => true, cancellation,
        claims.Client, claims.Id, DateTimeOffset.FromUnixTimeSeconds(claims.ExpiresAt + ClientAssertion.LifeSecondsMax))).Count == 1;
}
