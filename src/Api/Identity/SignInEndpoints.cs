using System.Text.Json.Serialization;
using EventLedger.Api.Host;
using EventLedger.Api.Http;
using EventLedger.Domain.Ledger;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EventLedger.Api.Identity;

/// <summary><c>/identity/v1</c>: people sign in, look at their sessions, and end them.</summary>
public static class SignInEndpoints
{
    private const string Purpose = "sign-in";

    /// <summary>A challenge to sign.</summary>
    /// <param name="Challenge">32 random bytes in base64url.</param>
    /// <param name="ExpiresInSeconds">Its life.</param>
    public sealed record Asked(string Challenge, int ExpiresInSeconds);

    /// <summary>A challenge, signed.</summary>
    /// <param name="Jws">See <see cref="SignIn"/>.</param>
    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    public sealed record Answered([property: JsonRequired] string? Jws);

    /// <summary>A session, with its secret: shown this once.</summary>
    /// <param name="Session">The secret, to be sent as bearer to <c>/identity</c> and as <c>subject_token</c> to <c>/oauth/token</c>.</param>
    /// <param name="Id">Names the session.</param>
    /// <param name="Pseudonym">The person as the ledger knows them.</param>
    /// <param name="Strength"><c>key</c>; <c>password</c> for reading and drafting alone; <c>unbound</c> while the ledger has no role for the passkey.</param>
    /// <param name="Roles">What the ledger says that the person is.</param>
    /// <param name="Until">When the session ends at the latest.</param>
    public sealed record Begun(string Session, string Id, string Pseudonym, string Strength, IReadOnlyCollection<string> Roles, string Until);

    /// <summary>A session as its owner sees it.</summary>
    /// <param name="Id">Names it.</param>
    /// <param name="Strength">How the person signed in.</param>
    /// <param name="Started">When.</param>
    /// <param name="Seen">When it was last used; a minute may be missing.</param>
    /// <param name="Until">When it ends at the latest.</param>
    /// <param name="Agent">What program it was, as that program said.</param>
    /// <param name="IsThis">Whether the question came through it.</param>
    public sealed record Open(string Id, string Strength, string Started, string Seen, string Until, string Agent, bool IsThis);

    /// <summary>All open sessions of a person.</summary>
    /// <param name="Sessions">Newest first.</param>
    public sealed record OpenSessions(IReadOnlyList<Open> Sessions);

    /// <summary>Who a session stands for.</summary>
    /// <param name="Pseudonym">The person as the ledger knows them.</param>
    /// <param name="Strength">How the person signed in.</param>
    /// <param name="Roles">What the ledger says that the person is.</param>
    /// <param name="Scopes">What tokens of this session may be used for.</param>
    public sealed record Me(string Pseudonym, string Strength, IReadOnlyCollection<string> Roles, IReadOnlyCollection<string> Scopes);

    /// <summary>Maps them.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var identity = routes.MapGroup("/identity/v1").WithTags("Identity").DisableAntiforgery().WithMetadata(new Guessable());
        identity.MapPost("/challenge", Ask).Need(Policy.Signed).WithName("AskToSignIn").WithSummary("A challenge to sign with a person's CLI key").Produces<Asked>();
        identity.MapPost("/sign-in", Answer).Need(Policy.Signed).WithName("SignIn").WithSummary("Begin a session with a signed challenge").Produces<Begun>();
        identity.MapGet("/me", Self).Need(Policy.Session).WithName("GetMe").WithSummary("Who this session stands for").Produces<Me>();
        identity.MapGet("/sessions", List).Need(Policy.Session).WithName("ListSessions").WithSummary("One's own open sessions").Produces<OpenSessions>();
        identity.MapDelete("/sessions/{id}", End).Need(Policy.Session).WithName("EndSession").WithSummary("End one of one's own sessions and every token of it")
            .Produces(StatusCodes.Status204NoContent);
        AccountEndpoints.Map(identity);
        KeyEndpoints.Map(identity);
    }

    /// <summary>The answer to every way of signing in.</summary>
    internal static async Task<Ok<Begun>> Begin(HttpContext http, string pseudonym, string strength, Sessions sessions, Callers callers)
    {
        var (secret, session) = await sessions.Begin(pseudonym, strength, http.Request.Headers.UserAgent.ToString(), http.RequestAborted);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new Begun(secret, session.Id, pseudonym, strength, callers.OfPerson(session).Roles, session.Until.ToString()));
    }

    private static async Task<Asked> Ask(Challenges challenges, HttpContext http, CancellationToken cancellation)
    {
        http.Response.Headers.CacheControl = "no-store";
        return new(await challenges.New(Purpose, cancellation), (int)Challenges.Life.TotalSeconds);
    }

    private static async Task<IResult> Answer(Answered body, HttpContext http, Challenges challenges, Sessions sessions, Callers callers, HostState state, LedgerHead head,
        Issuer issuer, SecurityNotes notes, CancellationToken cancellation)
    {
        var (registry, seq) = state.Now;
        // The challenge goes with the first try, so that nobody can go on guessing at it.
        if (!Jws.TryParse(body.Jws, out var jws) || !SignIn.TryRead(jws, out var signIn) || await challenges.Take(signIn.Challenge, Purpose, cancellation) is null
            || !issuer.Audiences.Contains(signIn.Audience) || !registry.Keys.TryGetValue(jws.Kid, out var key) || key.Purpose != KeyPurpose.Operator
            || key.Kind != PersonKeyKind.Cli || !key.IsValidAt(seq + 1, head.Header.Time) || !jws.IsSignedBy(key.Jwk)
            || !registry.Roles.Any(r => r.Pseudonym == key.Owner && registry.HasRole(key.Owner, r.Role, head.Header.Time)))
        {
            notes.Note(SecurityNotes.SignInFailed);
            return Problems.From("sign-in-failed", $"Sign a fresh challenge for {issuer.Chain} with a CLI key that the ledger binds to a role: typ {SignIn.Typ}, payload {{aud, challenge}}.");
        }
        return await Begin(http, key.Owner, Strength.Key, sessions, callers);
    }

    private static async Task<Me> Self(Caller caller, Sessions sessions, CancellationToken cancellation)
    {
        var session = (await sessions.ById(caller.Session!, cancellation))!;
        return new(caller.Id, session.Strength, caller.Roles, caller.Scopes);
    }

    private static async Task<OpenSessions> List(Caller caller, Sessions sessions, CancellationToken cancellation) =>
        new([.. (await sessions.Of(caller.Id, cancellation)).Select(s =>
            new Open(s.Id, s.Strength, s.Started.ToString(), s.Seen.ToString(), s.Until.ToString(), s.Agent, s.Id == caller.Session))]);

    private static async Task<IResult> End(string id, Caller caller, Sessions sessions, CancellationToken cancellation) =>
        await sessions.End(id, caller.Id, cancellation) ? TypedResults.NoContent() : Problems.From("session-unknown", "You have no open session with this id.");
}
