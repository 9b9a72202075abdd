using System.Security.Claims;
using System.Text.Encodings.Web;
using EventLedger.Api.Identity;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace EventLedger.Web.Staff;

/// <summary>
/// Knows a person of the staff by the cookie that their session lies in. The cookie opens pages and their circuits and nothing else: the API takes a bearer only, so
/// another site cannot make a browser act.
/// </summary>
public sealed class StaffSession(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory log, UrlEncoder encoder, Sessions sessions, Callers callers)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, log, encoder)
{
    /// <summary>Name of the scheme.</summary>
    public const string Name = "staff";

    /// <summary>Name of the cookie.</summary>
    public const string Cookie = "staff-session";

    /// <summary>Claim with the session's secret; it never leaves this process.</summary>
    public const string Secret = "session-secret";

    /// <inheritdoc/>
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Cookies[Cookie] is not { Length: > 0 and < 200 } secret || await sessions.BySecret(secret, Context.RequestAborted) is not { } session)
        {
            return AuthenticateResult.NoResult();
        }
        var caller = callers.OfPerson(session);
        List<Claim> claims = [new(ClaimTypes.NameIdentifier, caller.Id), new("session", session.Id), new("strength", session.Strength), new(Secret, secret)];
        claims.AddRange(caller.Roles.Select(r => new Claim(ClaimTypes.Role, r)));
        if (caller.Organisation is { } organisation)
        {
            claims.Add(new("organisation", organisation));
        }
        return AuthenticateResult.Success(new(new(new ClaimsIdentity(claims, Name)), Name));
    }

    /// <inheritdoc/>
    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Redirect($"/staff/sign-in?next={Uri.EscapeDataString(Request.Path + Request.QueryString)}");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        Response.Redirect("/staff/not-for-you");
        return Task.CompletedTask;
    }
}
