using System.Collections.Immutable;
using System.Text.Json.Serialization;
using EventLedger.Api.Http;
using EventLedger.Api.OpenApi;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Identity;

/// <summary>Tokens for machines and for people who have signed in. Source: RFC 6749 section 4.4, RFC 7523, RFC 8414, RFC 8693, RFC 8707.</summary>
public static class OAuthEndpoints
{
    /// <summary>Where tokens are asked for.</summary>
    public const string TokenPath = "/oauth/token";

    /// <summary>How a machine asks.</summary>
    public const string ClientCredentials = "client_credentials";

    /// <summary>How a person's program asks: a session for a token.</summary>
    public const string TokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange";

    private const string AssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    private const string SessionType = "urn:eventledger:token-type:session";
    private const int BodyBytesMax = 16_384;

    /// <summary>Maps them.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var identity = routes.MapGroup("").WithTags("Identity");
        identity.MapPost(TokenPath, Token).Need(Policy.Signed).WithName("GetToken").WithSummary("An access token for one reference point, by client assertion or session")
            .DisableAntiforgery().WithMetadata(new Guessable())
            .Takes("application/x-www-form-urlencoded", "As OAuth has it.", "grant_type", "resource?", "scope?", "client_assertion_type?", "client_assertion?", "subject_token?", "subject_token_type?")
            .Produces<TokenAnswer>();
        identity.MapGet("/oauth/jwks", Keys).Need(Policy.Public).WithName("ListTokenKeys").WithSummary("The keys that tokens are signed with (RFC 7517)").Produces<KeySet>();
        identity.MapGet("/.well-known/oauth-authorization-server", Metadata).Need(Policy.Public).WithName("GetTokenMetadata").WithSummary("What the token endpoint takes (RFC 8414)")
            .Produces<ServerMetadata>();
    }

    private static async Task<IResult> Token(HttpRequest request, Clients clients, AccessTokens tokens, Issuer issuer, SecurityNotes notes, CancellationToken cancellation)
    {
        if (!request.HasFormContentType)
        {
            return Problems.From("media-type", "Send the request as application/x-www-form-urlencoded.");
        }
        if (request.ContentLength > BodyBytesMax)
        {
            return Problems.From("body-too-large", $"A token request has at most {BodyBytesMax} bytes.");
        }
        if (await ReadForm(request, cancellation) is not { } form)
        {
            return Refused("request-malformed", "invalid_request", "The form has at most 20 short names, with values of at most 16 KiB.");
        }
        if (form.FirstOrDefault(f => f.Value.Count > 1) is { Key: { } twice })
        {
            return Refused("request-malformed", "invalid_request", $"{twice} stands twice.");
        }
        var (grantee, problem) = (form["grant_type"].ToString(), form["client_assertion_type"].ToString(), form["subject_token_type"].ToString()) switch
        {
            (ClientCredentials, AssertionType, _) => await clients.OfAssertion(form["client_assertion"], cancellation),
            (TokenExchange, _, SessionType) => await clients.OfSession(form["subject_token"], cancellation),
            (ClientCredentials, _, _) => (null, $"client_assertion_type must be {AssertionType}."),
            (TokenExchange, _, _) => (null, $"subject_token_type must be {SessionType}."),
            _ => (null, ""),
        };
        if (problem == "")
        {
            return Refused("grant-type", "unsupported_grant_type", $"grant_type is {ClientCredentials} for machines or {TokenExchange} for people with a session.");
        }
        if (grantee is null)
        {
            notes.Note(SecurityNotes.ClientRefused);
            return Refused("client-invalid", "invalid_client", problem!);
        }
        var (point, scopes, refusal) = Choose(grantee, form["resource"].ToString(), form["scope"].ToString(), issuer);
        if (refusal is not null)
        {
            return refusal;
        }
        request.HttpContext.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new TokenAnswer(await tokens.Issue(grantee.Id, grantee.Kind, point, scopes, grantee.Session, cancellation), "Bearer", AccessToken.LifeSeconds,
            string.Join(' ', scopes), grantee.Kind == "person" ? "urn:ietf:params:oauth:token-type:access_token" : null));
    }

    private static async Task<IFormCollection?> ReadForm(HttpRequest request, CancellationToken cancellation)
    {
        try
        {
            return await request.ReadFormAsync(
                new() { ValueCountLimit = 20, BufferBodyLengthLimit = BodyBytesMax, ValueLengthLimit = BodyBytesMax, KeyLengthLimit = 100 }, cancellation);
        }
        catch (InvalidDataException)
        {
            // The reader's way to say that a limit was passed.
            return null;
        }
    }

    // The point comes from the resource, else from the scopes; the scopes are those asked for, else all that the client may have there.
    private static (string Point, ImmutableSortedSet<string> Scopes, IResult? Refusal) Choose(Grantee grantee, string resource, string scope, Issuer issuer)
    {
        var asked = scope.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToImmutableSortedSet(StringComparer.Ordinal);
        if (asked.Except(Scope.All) is [var unknown, ..])
        {
            return ("", [], Refused("scope-unknown", "invalid_scope", $"There is no scope '{unknown}'. Known: {string.Join(", ", Scope.All)}."));
        }
        var candidates = asked.Count > 0 ? asked : grantee.Scopes;
        var point = resource.Length > 0 ? resource[(resource.LastIndexOf(':') + 1)..] : candidates.Select(Scope.PointOf).FirstOrDefault() ?? "";
        if (resource.Length > 0 && (resource != $"{issuer.Chain}:{point}" || !Scope.All.Any(s => Scope.PointOf(s) == point)))
        {
            return ("", [], Refused("resource-unknown", "invalid_target", $"resource is {issuer.Chain}: and one of r2d, u2s, o2c, v2m."));
        }
        if (asked.Any(s => Scope.PointOf(s) != point))
        {
            return ("", [], Refused("scope-unknown", "invalid_scope", "A token is for one reference point; ask for each by itself."));
        }
        var granted = candidates.Intersect(grantee.Scopes).Where(s => Scope.PointOf(s) == point).ToImmutableSortedSet(StringComparer.Ordinal);
        return granted.Count > 0 && granted.Count >= asked.Count
            ? (point, granted, null)
            : ("", [], Refused("scope-missing", "invalid_scope", $"This {grantee.Kind} may have {(grantee.Scopes.Count == 0 ? "no scope" : string.Join(", ", grantee.Scopes))}."));
    }

    private static IResult Refused(string code, string error, string detail) => Problems.From(code, detail, ("error", error), ("error_description", detail));

    private static async Task<KeySet> Keys(HttpContext http, TokenKeys keys, CancellationToken cancellation)
    {
        http.Response.Headers.CacheControl = "public, max-age=60";
        return new([.. (await keys.All(cancellation)).Select(k => new TokenKey("EC", "P-256", k.X, k.Y, k.Kid, "sig", "ES256"))]);
    }

    private static ServerMetadata Metadata(Issuer issuer, HttpRequest request)
    {
        // Where to go is the asker's own way in; who issues does not depend on it.
        var way = $"{request.Scheme}://{request.Host}";
        return new(issuer.Name, way + TokenPath, way + "/oauth/jwks", Scope.All, [], [ClientCredentials, TokenExchange], ["private_key_jwt", "none"], ["ES256"]);
    }
}

/// <summary>A token and what it is good for.</summary>
public sealed record TokenAnswer(
    [property: JsonPropertyName("access_token")] string AccessToken,
    [property: JsonPropertyName("token_type")] string TokenType,
    [property: JsonPropertyName("expires_in")] int ExpiresIn,
    string Scope,
    [property: JsonPropertyName("issued_token_type"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? IssuedTokenType);

/// <summary>One key that tokens are signed with.</summary>
public sealed record TokenKey(string Kty, string Crv, string X, string Y, string Kid, string Use, string Alg);

/// <summary>All of them.</summary>
public sealed record KeySet(IReadOnlyList<TokenKey> Keys);

/// <summary>What the token endpoint takes.</summary>
public sealed record ServerMetadata(
    string Issuer,
    [property: JsonPropertyName("token_endpoint")] string TokenEndpoint,
    [property: JsonPropertyName("jwks_uri")] string JwksUri,
    [property: JsonPropertyName("scopes_supported")] IReadOnlyList<string> Scopes,
    [property: JsonPropertyName("response_types_supported")] IReadOnlyList<string> ResponseTypes,
    [property: JsonPropertyName("grant_types_supported")] IReadOnlyList<string> GrantTypes,
    [property: JsonPropertyName("token_endpoint_auth_methods_supported")] IReadOnlyList<string> AuthMethods,
    [property: JsonPropertyName("token_endpoint_auth_signing_alg_values_supported")] IReadOnlyList<string> Algorithms);
