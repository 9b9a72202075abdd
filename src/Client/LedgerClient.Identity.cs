using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Client;

/// <summary>Who calls: sessions of people, and access tokens for one reference point at a time.</summary>
public sealed partial class LedgerClient
{
    private const string FormType = "application/x-www-form-urlencoded";

    /// <summary>From now on every request of this client brings an access token; null brings none. A token lives five minutes, and getting a new one is the caller's.</summary>
    public void Present(string? token) => http.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);

    /// <summary>
    /// A token of a source or an application. Errors: client-invalid, scope-missing, scope-unknown, resource-unknown, rate-limited.
    /// </summary>
    /// <param name="key">Its <c>client</c> key; a source may use its <c>record</c> key.</param>
    /// <param name="client">Its URI.</param>
    /// <param name="chain">Chain id.</param>
    /// <param name="point"><c>r2d</c> for sources, <c>u2s</c> for applications.</param>
    /// <param name="scope">Scopes, parted by spaces; null for all that it may have.</param>
    /// <param name="now">Its clock.</param>
    /// <param name="cancel">Stops waiting.</param>
    public async Task<string> MachineToken(SigningKey key, string client, string chain, string point, string? scope, LedgerTime now, CancellationToken cancel = default) =>
        await Token(new()
        {
            ["grant_type"] = "client_credentials",
            ["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ["client_assertion"] = ClientAssertion.Create(key, client, chain, B64.Encode(RandomNumberGenerator.GetBytes(16)), now),
        }, chain, point, scope, cancel);

    /// <summary>A token of a person who signed in. Errors: client-invalid, scope-missing, scope-unknown, resource-unknown, rate-limited.</summary>
    /// <param name="session">The session's secret.</param>
    /// <param name="chain">Chain id.</param>
    /// <param name="point"><c>r2d</c>, <c>u2s</c>, <c>o2c</c> or <c>v2m</c>.</param>
    /// <param name="scope">Scopes, parted by spaces; null for all that the person may have there.</param>
    /// <param name="cancel">Stops waiting.</param>
    public async Task<string> PersonToken(string session, string chain, string point, string? scope, CancellationToken cancel = default) => await Token(new()
    {
        ["grant_type"] = "urn:ietf:params:oauth:grant-type:token-exchange",
        ["subject_token_type"] = "urn:eventledger:token-type:session",
        ["subject_token"] = session,
    }, chain, point, scope, cancel);

    /// <summary>Signs in with a person's CLI key: <c>session</c> in the answer is a secret. Errors: sign-in-failed, rate-limited.</summary>
    public async Task<JsonObject> BeginSession(SigningKey key, string chain, CancellationToken cancel = default)
    {
        var asked = await Post("/identity/v1/challenge", "application/json", "{}", cancel);
        var jws = Domain.Ledger.SignIn.Create(key, chain, asked["challenge"]!.GetValue<string>());
        return await Post("/identity/v1/sign-in", "application/json", new JsonObject { ["jws"] = jws }.ToJsonString(), cancel);
    }

    /// <summary>Ends a session and every token that stands on it. Errors: token-invalid, session-unknown.</summary>
    /// <param name="session">The secret of an open session of the same person.</param>
    /// <param name="id">Which one.</param>
    /// <param name="cancel">Stops waiting.</param>
    public async Task EndSession(string session, string id, CancellationToken cancel = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, new Uri($"/identity/v1/sessions/{Uri.EscapeDataString(id)}", UriKind.Relative));
        request.Headers.Authorization = new("Bearer", session);
        using var response = await http.SendAsync(request, cancel);
        await ThrowOnProblem(response, cancel);
    }

    private async Task<string> Token(Dictionary<string, string> form, string chain, string point, string? scope, CancellationToken cancel)
    {
        form["resource"] = AccessToken.AudienceOf(chain, point);
        if (scope is not null)
        {
            form["scope"] = scope;
        }
        using var content = new FormUrlEncodedContent(form);
        return (await Post("/oauth/token", FormType, await content.ReadAsStringAsync(cancel), cancel))["access_token"]!.GetValue<string>();
    }
}
