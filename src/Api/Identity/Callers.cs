using System.Collections.Immutable;
using EventLedger.Api.Host;
using EventLedger.Api.Http;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Identity;

/// <summary>
/// Finds out who calls. What a token may be used for stands in it; whether its bearer still is who it was, the ledger says at every call: a source that
/// was retired, a role that was taken away and a session that was ended count at once, not when the token runs out.
/// </summary>
public sealed class Callers(TokenKeys keys, Sessions sessions, Issuer issuer, Genesis genesis, HostState state, LedgerHead head, SecurityNotes notes, TimeProvider clock)
{
    private static readonly Unwelcome Missing = new("token-missing", "Bring an access token: 'Authorization: Bearer …'. /oauth/token gives one.");

    /// <summary>The caller by access token; nobody where none is brought and none is needed.</summary>
    /// <param name="http">The request.</param>
    /// <param name="point">Reference point of the endpoint; null for none.</param>
    /// <param name="policy">What the endpoint asks for.</param>
    public async Task<(Caller Caller, Unwelcome? Refusal)> OfToken(HttpContext http, string? point, Policy policy)
    {
        if (Bearer(http) is not { } text)
        {
            return (Caller.Anonymous, policy.IsOpen && http.Request.Headers.Authorization.Count == 0 ? null : Missing);
        }
        var (caller, audience, problem) = await Check(text, http.RequestAborted);
        if (problem is null && (point is null || audience != AccessToken.AudienceOf(genesis.Chain, point)))
        {
            // On an open page of another reference point its bearer is a stranger, not an intruder.
            if (policy.IsOpen)
            {
                return (Caller.Anonymous, null);
            }
            problem = $"The token is for {audience}; this address needs one for {AccessToken.AudienceOf(genesis.Chain, point ?? "")}.";
        }
        if (problem is null)
        {
            return (caller!, null);
        }
        notes.Note(SecurityNotes.TokenRefused);
        return (Caller.Anonymous, new("token-invalid", problem));
    }

    /// <summary>The caller by the secret of a session.</summary>
    public async Task<(Caller Caller, Unwelcome? Refusal)> OfSession(HttpContext http)
    {
        if (Bearer(http) is not { } text)
        {
            return (Caller.Anonymous, new("token-missing", "Bring the session: 'Authorization: Bearer …'. /identity/v1/sign-in begins one."));
        }
        if (await sessions.BySecret(text, http.RequestAborted) is not { } session)
        {
            notes.Note(SecurityNotes.TokenRefused);
            return (Caller.Anonymous, new("token-invalid", "There is no such session, or it has ended. Sign in again."));
        }
        return (OfPerson(session), null);
    }

    /// <summary>
    /// The caller of a request that is still open; null with the reason once the token counts no more. That a token ran out while it was used is no refusal to
    /// be counted.
    /// </summary>
    public async Task<(Caller? Caller, string? Problem)> Still(HttpContext http)
    {
        if (Bearer(http) is not { } text)
        {
            return (null, Missing.Detail);
        }
        var (caller, _, problem) = await Check(text, http.RequestAborted);
        return problem is null ? (caller, null) : (null, problem);
    }

    /// <summary>Who a session stands for.</summary>
    public Caller OfPerson(SignedIn session)
    {
        var (registry, time) = (state.Registry, head.Header.Time);
        var roles = registry.Roles.Where(r => r.Pseudonym == session.Pseudonym && registry.HasRole(r.Pseudonym, r.Role, time)).ToList();
        var organisation = roles.Select(r => registry.Terms.GetValueOrDefault(r)?.Organisation).FirstOrDefault(o => o is not null);
        ImmutableSortedSet<string> names = [.. roles.Select(r => r.Role)];
        return new(CallerKind.Person, session.Pseudonym, organisation, names, Ceiling.OfPerson(names, session.Strength), session.Id);
    }

    private async Task<(Caller? Caller, string Audience, string? Problem)> Check(string text, CancellationToken cancellation)
    {
        if (!Jws.TryParse(text, out var jws) || !AccessToken.TryRead(jws, out var token))
        {
            return (null, "", "The token is not one of this ledger: a JWS with exactly {alg: ES256, kid, typ: at+jwt}.");
        }
        if (await keys.Find(jws.Kid, cancellation) is not { } key || !jws.IsSignedBy(key) || token.Issuer != issuer.Name)
        {
            return (null, "", "No host of this ledger signed the token.");
        }
        var now = LedgerTime.From(clock.GetUtcNow()).UnixMs / 1000;
        if (now >= token.ExpiresAt || token.IssuedAt > now + AccessToken.LifeSeconds)
        {
            return (null, "", "The token has expired; ask /oauth/token for another.");
        }
        var caller = await Of(token, cancellation);
        return (caller, token.Audience, caller is null ? "Its bearer is not known any more, or the session that it stands on has ended." : null);
    }

    private async Task<Caller?> Of(AccessToken token, CancellationToken cancellation)
    {
        switch (token.Kind)
        {
            case "source" when state.Registry.Sources.TryGetValue(token.Subject, out var source) && source.State != SourceState.Retired:
                var allowed = Ceiling.OfSource(source.State);
                return new(CallerKind.Source, source.Iss, source.Profile?.Organisation, [], token.Scopes.Intersect(allowed), null);
            case "application" when state.Registry.Applications.TryGetValue(token.Subject, out var application) && application.State == SourceState.Active:
                return new(CallerKind.Application, application.Uri, application.Organisation, [], token.Scopes.Intersect(Ceiling.OfApplication(application)), null);
            case "person" when token.Session is { } id && await sessions.ById(id, cancellation) is { } session && session.Pseudonym == token.Subject:
                var person = OfPerson(session);
                return person with { Scopes = token.Scopes.Intersect(person.Scopes) };
            default:
                return null;
        }
    }

    private static string? Bearer(HttpContext http) =>
        http.Request.Headers.Authorization is [{ } header] && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && header.Length > 7 ? header[7..].Trim() : null;
}
