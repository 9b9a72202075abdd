using EventLedger.Api.Identity;

namespace EventLedger.Api.Http;

/// <summary>The one place where a policy is enforced: behind routing, before any handler.</summary>
public static class Access
{
    /// <summary>Names who may call. On a group it holds for all of its endpoints that name none themselves.</summary>
    /// <param name="endpoint">The endpoint or group.</param>
    /// <param name="policy">Who may call.</param>
    /// <param name="scope">Scope that a token must have, of <see cref="Scope"/>; null for the reference point's default.</param>
    public static TBuilder Need<TBuilder>(this TBuilder endpoint, Policy policy, string? scope = null)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new Needed(policy, scope));

    /// <summary>Puts the check in front of every endpoint.</summary>
    public static void UseAccess(this WebApplication app)
    {
        var (callers, notes) = (app.Services.GetRequiredService<Callers>(), app.Services.GetRequiredService<SecurityNotes>());
        app.Use((http, next) => Enter(http, next, callers, notes));
    }

    private static Task Enter(HttpContext http, RequestDelegate next, Callers callers, SecurityNotes notes)
    {
        // Where routing found nothing, or another method only, there is nothing to guard.
        if (http.GetEndpoint() is not RouteEndpoint endpoint)
        {
            return next(http);
        }
        var needed = endpoint.Metadata.GetMetadata<Needed>()
            ?? throw new InvalidOperationException($"{endpoint.DisplayName} says nobody who may call it.");
        // The way of submissions: not even a header is looked at.
        return needed.Policy == Policy.Signed || (needed.Policy == Policy.Public && http.Request.Headers.Authorization.Count == 0)
            ? next(http)
            : Check(http, next, endpoint, needed, callers, notes);
    }

    private static async Task Check(HttpContext http, RequestDelegate next, RouteEndpoint endpoint, Needed needed, Callers callers, SecurityNotes notes)
    {
        var point = Needed.PointOf(endpoint);
        var (caller, refusal) = needed.Policy == Policy.Session
            ? await callers.OfSession(http)
            : await callers.OfToken(http, point, needed.Policy);
        refusal ??= Judge(caller, needed, point, http.Request.Method);
        if (refusal is not null)
        {
            if (refusal.Code is "role-missing" or "scope-missing")
            {
                notes.Note(SecurityNotes.AccessRefused);
            }
            await refusal.Answer(http);
            return;
        }
        http.Features.Set(caller);
        await next(http);
    }

    // The token is good. Is it the right one?
    private static Unwelcome? Judge(Caller caller, Needed needed, string? point, string method)
    {
        var policy = needed.Policy;
        if (policy.IsOpen || policy == Policy.Session)
        {
            return null;
        }
        if (!policy.Kinds.Contains(caller.Kind) || (caller.Kind == CallerKind.Person && policy.Roles.Count > 0 && !policy.Roles.Any(caller.Is)))
        {
            return new("role-missing", $"This address is for: {policy}. The token is that of {(caller.Roles.Count > 0 ? string.Join(", ", caller.Roles) : caller.Kind.ToString().ToLowerInvariant())}.");
        }
        var scope = needed.ScopeOf(point!, method);
        return caller.Scopes.Contains(scope) ? null : new("scope-missing", $"The token has not the scope {scope}; ask /oauth/token for one that has.");
    }
}
