using System.Text.Json;
using System.Text.Json.Serialization;
using EventLedger.Api.Http;
using EventLedger.Api.OpenApi;
using EventLedger.Domain.Ledger;
using Microsoft.AspNetCore.Identity;

namespace EventLedger.Api.Identity;

/// <summary><c>/identity/v1</c>: passkeys and browser keys are enrolled, and passkeys sign in. Source: WebAuthn Level 3 sections 7.1 and 7.2.</summary>
public static class KeyEndpoints
{
    private const string Enrol = "passkey-enrol", Assert = "passkey-sign-in", Browser = "browser-key";

    /// <summary>What <c>navigator.credentials</c> gave, as its <c>toJSON()</c> writes it.</summary>
    /// <param name="Credential">The credential.</param>
    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    public sealed record WithCredential([property: JsonRequired] JsonElement Credential);

    /// <summary>A browser key that shows that it is there.</summary>
    /// <param name="Jwk">The public half.</param>
    /// <param name="Jws">A challenge for browser keys, signed with it: see <see cref="SignIn"/>.</param>
    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    public sealed record NewKey([property: JsonRequired] JsonElement Jwk, [property: JsonRequired] string? Jws);

    /// <summary>A person's keys.</summary>
    /// <param name="Keys">By thumbprint.</param>
    public sealed record OwnKeys(IReadOnlyList<PersonKey> Keys);

    /// <summary>Maps them.</summary>
    public static void Map(IEndpointRouteBuilder identity)
    {
        identity.MapPost("/passkeys/options", CreationOptions).Need(Policy.Session).WithName("BeginPasskey").WithSummary("Options for navigator.credentials.create")
            .Gives(StatusCodes.Status200OK, "application/json", "PublicKeyCredentialCreationOptions in JSON.", "challenge", "rp", "user", "pubKeyCredParams");
        identity.MapPost("/passkeys", AddPasskey).Need(Policy.Session).WithName("AddPasskey").WithSummary("Enrol a passkey; operators bind it to a role on the ledger").Produces<PersonKey>();
        identity.MapPost("/passkeys/assertion/options", RequestOptions).Need(Policy.Signed).WithName("BeginPasskeySignIn").WithSummary("Options for navigator.credentials.get")
            .Gives(StatusCodes.Status200OK, "application/json", "PublicKeyCredentialRequestOptions in JSON.", "challenge", "rpId");
        identity.MapPost("/passkeys/assertion", SignIn).Need(Policy.Signed).WithName("SignInWithPasskey").WithSummary("Begin a session with a passkey").Produces<SignInEndpoints.Begun>();
        identity.MapPost("/keys/challenge", AskBrowser).Need(Policy.Session).WithName("AskForBrowserKey").WithSummary("A challenge for a new browser key").Produces<SignInEndpoints.Asked>();
        identity.MapPost("/keys", AddBrowserKey).Need(Policy.Session).WithName("AddBrowserKey").WithSummary("Enrol a browser's own key; it never counts alone").Produces<PersonKey>();
        identity.MapGet("/keys", List).Need(Policy.Session).WithName("ListKeys").WithSummary("One's own keys, and which of them the ledger binds").Produces<OwnKeys>();
    }

    private static async Task<IResult> CreationOptions(Caller caller, HttpContext http, Accounts accounts, IPasskeyHandler<Account> passkeys, Challenges challenges,
        CancellationToken cancellation)
    {
        var account = await accounts.Needed(caller.Id);
        var options = await passkeys.MakeCreationOptionsAsync(new() { Id = account.Id, Name = account.UserName!, DisplayName = account.UserName! }, http);
        await challenges.Put(ChallengeOf(options.CreationOptionsJson), $"{Enrol} {caller.Id}", options.AttestationState ?? "", cancellation);
        return TypedResults.Text(options.CreationOptionsJson, "application/json");
    }

    private static async Task<IResult> AddPasskey(WithCredential body, Caller caller, HttpContext http, Accounts accounts, UserManager<Account> users, IPasskeyHandler<Account> passkeys,
        Challenges challenges, PersonKeys keys, SecurityNotes notes, CancellationToken cancellation)
    {
        if (await Take(body.Credential, $"{Enrol} {caller.Id}", challenges, cancellation) is { } state)
        {
            var result = await passkeys.PerformAttestationAsync(new() { HttpContext = http, CredentialJson = body.Credential.GetRawText(), AttestationState = state });
            if (result.Succeeded && PasskeyJwk.TryRead(result.Passkey.PublicKey, out var jwk) && (await users.AddOrUpdatePasskeyAsync(await accounts.Needed(caller.Id), result.Passkey)).Succeeded)
            {
                return TypedResults.Ok(keys.Describe(jwk, "passkey", caller.Id));
            }
        }
        notes.Note(SecurityNotes.SignInFailed);
        return Problems.From("key-refused", "A passkey is made with fresh options of this address, on a device that verifies its user, with ES256.");
    }

    private static async Task<IResult> RequestOptions(HttpContext http, IPasskeyHandler<Account> passkeys, Challenges challenges, CancellationToken cancellation)
    {
        var options = await passkeys.MakeRequestOptionsAsync(null, http);
        await challenges.Put(ChallengeOf(options.RequestOptionsJson), Assert, options.AssertionState ?? "", cancellation);
        return TypedResults.Text(options.RequestOptionsJson, "application/json");
    }

    private static async Task<IResult> SignIn(WithCredential body, HttpContext http, UserManager<Account> users, IPasskeyHandler<Account> passkeys, Challenges challenges, PersonKeys keys,
        Sessions sessions, Callers callers, SecurityNotes notes, CancellationToken cancellation)
    {
        if (await Take(body.Credential, Assert, challenges, cancellation) is { } state)
        {
            var result = await passkeys.PerformAssertionAsync(new() { HttpContext = http, CredentialJson = body.Credential.GetRawText(), AssertionState = state });
            if (result.Succeeded && PasskeyJwk.TryRead(result.Passkey.PublicKey, out var jwk))
            {
                // Its counter is kept, so that a copy of the authenticator is noticed.
                await users.AddOrUpdatePasskeyAsync(result.User, result.Passkey);
                var person = result.User.Pseudonym;
                return await SignInEndpoints.Begin(http, person, keys.IsBound(jwk, person) ? Strength.Key : Strength.Unbound, sessions, callers);
            }
        }
        notes.Note(SecurityNotes.SignInFailed);
        return Problems.From("sign-in-failed", "Sign fresh options of this address with a passkey that was enrolled here.");
    }

    private static async Task<SignInEndpoints.Asked> AskBrowser(Caller caller, Challenges challenges, CancellationToken cancellation) =>
        new(await challenges.New($"{Browser} {caller.Id}", cancellation), (int)Challenges.Life.TotalSeconds);

    private static async Task<IResult> AddBrowserKey(NewKey body, Caller caller, Challenges challenges, Issuer issuer, IdentityTables tables, PersonKeys keys, CancellationToken cancellation)
    {
        if (!Jwk.TryParse(body.Jwk, out var jwk) || !Jws.TryParse(body.Jws, out var jws) || !Domain.Ledger.SignIn.TryRead(jws, out var signed) || !jws.IsSignedBy(jwk)
            || !issuer.Audiences.Contains(signed.Audience) || await challenges.Take(signed.Challenge, $"{Browser} {caller.Id}", cancellation) is null)
        {
            return Problems.From("key-refused", "Bring {jwk, jws}: a P-256 key, and a fresh challenge of /identity/v1/keys/challenge signed with it.");
        }
        await tables.Run("put_browser_key", cancellation, jwk.Kid, caller.Id, jwk.ToJson().ToJsonString());
        return TypedResults.Ok(keys.Describe(jwk, "browser", caller.Id));
    }

    private static async Task<OwnKeys> List(Caller caller, PersonKeys keys, CancellationToken cancellation) => new(await keys.Of(caller.Id, cancellation));

    // The state that belongs to the challenge inside the credential; taken with the first try.
    private static async Task<string?> Take(JsonElement credential, string purpose, Challenges challenges, CancellationToken cancellation)
    {
        if (credential.ValueKind != JsonValueKind.Object || !credential.TryGetProperty("response", out var response) || response.ValueKind != JsonValueKind.Object
            || !response.TryGetProperty("clientDataJSON", out var text) || text.ValueKind != JsonValueKind.String || !Domain.Kernel.B64.TryDecode(text.GetString(), out var bytes)
            || Domain.Kernel.Jcs.TryParse(bytes) is not { RootElement: { ValueKind: JsonValueKind.Object } client }
            || !client.TryGetProperty("challenge", out var challenge) || challenge.ValueKind != JsonValueKind.String)
        {
            return null;
        }
        return await challenges.Take(challenge.GetString()!, purpose, cancellation);
    }

    private static string ChallengeOf(string options)
    {
        using var json = JsonDocument.Parse(options);
        return json.RootElement.GetProperty("challenge").GetString()!;
    }
}
