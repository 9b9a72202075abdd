using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Tests.Support;

/// <summary>Real tokens, got over HTTP as any caller gets them, and people with roles for whom to get them.</summary>
public static class TokenFor
{
    private const string AssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    /// <summary>A token of a source or an application by its key; for all scopes that it may have at the point, or for those asked for.</summary>
    public static async Task<string> Machine(TestLedger ledger, SigningKey key, string client, string point, string? scope = null) =>
        Value(await AskMachine(ledger, ClientAssertion.Create(key, client, ledger.Genesis.Chain, Guid.NewGuid().ToString("n"), Agency.Now), point, scope));

    /// <summary>A token of a person who signs in with a CLI key.</summary>
    public static async Task<string> Person(TestLedger ledger, SigningKey key, string point, string? scope = null) =>
        Value(await AskPerson(ledger, await SignIn(ledger, key), point, scope));

    /// <summary>The answer to an assertion, whatever it is.</summary>
    public static Task<(int Status, JsonElement Body)> AskMachine(TestLedger ledger, string assertion, string? point = null, string? scope = null) => Ask(ledger, new()
    {
        ["grant_type"] = "client_credentials", ["client_assertion_type"] = AssertionType, ["client_assertion"] = assertion,
    }, point, scope);

    /// <summary>The answer to a session, whatever it is.</summary>
    public static Task<(int Status, JsonElement Body)> AskPerson(TestLedger ledger, string session, string? point = null, string? scope = null) => Ask(ledger, new()
    {
        ["grant_type"] = "urn:ietf:params:oauth:grant-type:token-exchange", ["subject_token_type"] = "urn:eventledger:token-type:session", ["subject_token"] = session,
    }, point, scope);

    /// <summary>The secret of a session begun with a CLI key.</summary>
    public static async Task<string> SignIn(TestLedger ledger, SigningKey key)
    {
        var (status, body) = await TrySignIn(ledger, key);
        return status == 200 ? body.GetProperty("session").GetString()! : throw new InvalidOperationException($"{status}: {body}");
    }

    /// <summary>The answer to a sign-in, whatever it is.</summary>
    public static async Task<(int Status, JsonElement Body)> TrySignIn(TestLedger ledger, SigningKey key)
    {
        var (_, asked) = await ledger.Send(HttpMethod.Post, "/identity/v1/challenge");
        var jws = EventLedger.Domain.Ledger.SignIn.Create(key, ledger.Genesis.Chain, asked.GetProperty("challenge").GetString()!);
        return await ledger.Send(HttpMethod.Post, "/identity/v1/sign-in", body: new() { ["jws"] = jws });
    }

    /// <summary>Binds a new person to a role, signed by both operators of genesis.</summary>
    public static async Task<(string Pseudonym, SigningKey Key)> Bind(TestLedger ledger, string role, string? organisation = null, string kind = "cli")
    {
        var (pseudonym, key) = (B64.Encode(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16)), TestLedger.NewKey(KeyPurpose.Operator));
        var data = new JsonObject { ["jwk"] = key.Public.ToJson(), ["kind"] = kind, ["pseudonym"] = pseudonym, ["role"] = role };
        if (organisation is not null)
        {
            data["organisation"] = organisation;
        }
        var (status, body) = await new Agency(ledger).Control(EventTable.RoleBound, EventTable.RoleStream(pseudonym), 0, data, [.. ledger.Operators]);
        return status == 202 ? (pseudonym, key) : throw new InvalidOperationException($"{status}: {body}");
    }

    /// <summary>Sends a request as a caller with a token, with a JSON body where there is one.</summary>
    public static async Task<(int Status, JsonElement Body)> Send(this TestLedger ledger, HttpMethod method, string path, string? token = null, JsonObject? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        }
        return await Agency.Read(await ledger.Http.SendAsync(request));
    }

    private static async Task<(int Status, JsonElement Body)> Ask(TestLedger ledger, Dictionary<string, string> form, string? point, string? scope)
    {
        if (point is not null)
        {
            form["resource"] = AccessToken.AudienceOf(ledger.Genesis.Chain, point);
        }
        if (scope is not null)
        {
            form["scope"] = scope;
        }
        using var content = new FormUrlEncodedContent(form);
        return await Agency.Read(await ledger.Http.PostAsync("/oauth/token", content));
    }

    private static string Value((int Status, JsonElement Body) answer) => answer.Status == 200
        ? answer.Body.GetProperty("access_token").GetString()!
        : throw new InvalidOperationException($"{answer.Status}: {answer.Body}");
}
