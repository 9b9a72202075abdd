using System.Text.Json.Serialization;
using EventLedger.Api.Http;
using EventLedger.Domain.Ledger;
using Microsoft.AspNetCore.Mvc;

namespace EventLedger.Api.Identity;

/// <summary><c>/identity/v1</c>: accounts by one-time code, password and one-time codes of an app.</summary>
public static class AccountEndpoints
{
    /// <summary>Opens an account.</summary>
    /// <param name="Code">The one-time code.</param>
    /// <param name="Name">What the person will sign in with: letters, digits and <c>-._@+</c>.</param>
    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    public sealed record Opening([property: JsonRequired] string? Code, [property: JsonRequired] string? Name);

    /// <summary>A one-time code, shown this once.</summary>
    /// <param name="Code">For <c>/identity/v1/bootstrap</c>.</param>
    /// <param name="Until">When it is over.</param>
    public sealed record Invitation(string Code, string Until);

    /// <summary>A new password.</summary>
    /// <param name="Password">12 to 128 characters.</param>
    /// <param name="Current">The old one, where there is one and the session was not begun with a key.</param>
    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    public sealed record NewPassword([property: JsonRequired] string? Password, string? Current);

    /// <summary>The secret of one-time codes, shown this once.</summary>
    /// <param name="Value">Base32.</param>
    /// <param name="Uri">For an app's camera.</param>
    public sealed record Secret([property: JsonPropertyName("secret")] string Value, string Uri);

    /// <summary>A one-time code of the app.</summary>
    /// <param name="Code">Six digits.</param>
    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    public sealed record Confirmation([property: JsonRequired] string? Code);

    /// <summary>Signing in by password.</summary>
    /// <param name="Name">The account's name.</param>
    /// <param name="Password">Its password.</param>
    /// <param name="Code">A one-time code that was not used before.</param>
    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    public sealed record WithPassword([property: JsonRequired] string? Name, [property: JsonRequired] string? Password, [property: JsonRequired] string? Code);

    /// <summary>Maps them.</summary>
    public static void Map(IEndpointRouteBuilder identity)
    {
        identity.MapPost("/bootstrap", Open).Need(Policy.Signed).WithName("OpenAccount").WithSummary("Open an account with a one-time code, and a session to enrol keys in")
            .Produces<SignInEndpoints.Begun>();
        identity.MapPost("/invitations", Invite).Need(Policy.Session).WithName("InvitePerson").WithSummary("A one-time code for a new account; operators only").Produces<Invitation>();
        identity.MapPost("/password", SetPassword).Need(Policy.Session).WithName("SetPassword").WithSummary("Set one's own password; other sessions end")
            .Produces(StatusCodes.Status204NoContent);
        identity.MapPost("/totp", NewSecret).Need(Policy.Session).WithName("NewTotpSecret").WithSummary("A new secret for one-time codes").Produces<Secret>();
        identity.MapPost("/totp/confirmation", Confirm).Need(Policy.Session).WithName("ConfirmTotp").WithSummary("Turn one-time codes on by showing one")
            .Produces(StatusCodes.Status204NoContent);
        identity.MapPost("/sign-in/password", SignIn).Need(Policy.Signed).WithName("SignInWithPassword").WithSummary("Begin a session for reading and drafting")
            .Produces<SignInEndpoints.Begun>();
    }

    private static async Task<IResult> Open(Opening body, HttpContext http, Invitations invitations, Accounts accounts, Sessions sessions, Callers callers, SecurityNotes notes,
        CancellationToken cancellation)
    {
        if (!await invitations.Take(body.Code ?? "", cancellation))
        {
            notes.Note(SecurityNotes.SignInFailed);
            return Problems.From("sign-in-failed", "There is no such one-time code, or it was used, or it is older than a day.");
        }
        var (account, problem) = await accounts.Open(body.Name ?? "");
        if (account is null)
        {
            // A name that somebody has should not cost the code; and only who has a code learns that somebody has it.
            await invitations.PutBack(body.Code ?? "", cancellation);
            return Problems.From("account-refused", problem!);
        }
        return await SignInEndpoints.Begin(http, account.Pseudonym, Strength.Unbound, sessions, callers);
    }

    private static async Task<IResult> Invite(Caller caller, Sessions sessions, Invitations invitations, HttpContext http, CancellationToken cancellation)
    {
        if (!caller.Is(Role.Operator) || (await sessions.ById(caller.Session!, cancellation))?.Strength != Strength.Key)
        {
            return Problems.From("role-missing", "An operator who signed in with a key invites people.");
        }
        var (code, until) = await invitations.New(cancellation);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new Invitation(code, until.ToString()));
    }

    private static async Task<IResult> SetPassword(NewPassword body, Caller caller, Accounts accounts, Sessions sessions, SecurityNotes notes, CancellationToken cancellation)
    {
        var account = await accounts.Needed(caller.Id);
        if (account.PasswordHash is not null && !await IsByKey(caller, sessions, cancellation) && !await accounts.IsRight(account, body.Current ?? ""))
        {
            notes.Note(SecurityNotes.SignInFailed);
            return Problems.From("sign-in-failed", "The current password is not right, or the account is locked for a while.");
        }
        if (await accounts.SetPassword(account, body.Password ?? "") is { } problem)
        {
            return Problems.From("account-refused", problem);
        }
        await sessions.EndOthers(caller.Id, caller.Session!, cancellation);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> NewSecret(Caller caller, HttpContext http, Accounts accounts, Sessions sessions, [FromServices] Genesis genesis, CancellationToken cancellation)
    {
        var account = await accounts.Needed(caller.Id);
        if (account.TwoFactorEnabled && !await IsByKey(caller, sessions, cancellation))
        {
            return Problems.From("role-missing", "Sign in with a key to replace the secret of one-time codes.");
        }
        var secret = await accounts.NewSecret(account, cancellation);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new Secret(secret, $"otpauth://totp/{Uri.EscapeDataString($"{genesis.Name}:{account.UserName}")}?secret={secret}&issuer={Uri.EscapeDataString(genesis.Name)}"));
    }

    private static async Task<IResult> Confirm(Confirmation body, Caller caller, Accounts accounts, SecurityNotes notes, CancellationToken cancellation)
    {
        if (await accounts.Confirm(await accounts.Needed(caller.Id), body.Code ?? "", cancellation))
        {
            return TypedResults.NoContent();
        }
        notes.Note(SecurityNotes.SignInFailed);
        return Problems.From("sign-in-failed", "The code is not one of the secret now, or was used before; check the clock and take the next.");
    }

    private static async Task<IResult> SignIn(WithPassword body, HttpContext http, Accounts accounts, Sessions sessions, Callers callers, SecurityNotes notes, CancellationToken cancellation)
    {
        if (await accounts.SignIn(body.Name ?? "", body.Password ?? "", body.Code ?? "", cancellation) is { } account)
        {
            return await SignInEndpoints.Begin(http, account.Pseudonym, Strength.Password, sessions, callers);
        }
        notes.Note(SecurityNotes.SignInFailed);
        return Problems.From("sign-in-failed", "Name, password or code is wrong, or the account is locked: five wrong tries lock it for fifteen minutes. A passkey is never locked.");
    }

    private static async Task<bool> IsByKey(Caller caller, Sessions sessions, CancellationToken cancellation) =>
        (await sessions.ById(caller.Session!, cancellation))?.Strength == Strength.Key;
}
