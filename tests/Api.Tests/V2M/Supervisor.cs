using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Tests.Support;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Tests.V2M;

/// <summary>A person bound as supervisor, with a token and a key to sign with.</summary>
public sealed class Supervisor(TestLedger ledger, string pseudonym, SigningKey key, string token)
{
    public string Pseudonym => pseudonym;

    public string Token => token;

    public static async Task<Supervisor> Bind(TestLedger ledger)
    {
        var (pseudonym, key) = await TokenFor.Bind(ledger, Role.Supervisor);
        return new(ledger, pseudonym, key, await TokenFor.Person(ledger, key, "v2m"));
    }

    public async Task<JsonElement> Get(string path)
    {
        var (status, body) = await ledger.Send(HttpMethod.Get, path, token);
        status.ShouldBe(200, $"{path}: {body}");
        return body;
    }

    /// <summary>Signs and posts, and waits for the seal.</summary>
    public Task<(int Status, JsonElement Body)> Post(string path, string type, JsonObject data, long version = 0, SigningKey[]? signers = null, string? stream = null) =>
        Post(ledger, path, token, Command(ledger, type, stream ?? EventTable.StreamOf(type, data["id"]!.GetValue<string>()), data, version, signers ?? [key]));

    public static JsonObject Command(TestLedger ledger, string type, string stream, JsonObject data, long version, SigningKey[] signers)
    {
        var (nonce, exp) = (B64.Encode(RandomNumberGenerator.GetBytes(16)), Agency.Now.PlusMs(3_600_000));
        var subject = Authorization.Subject(ledger.Genesis.Chain, stream, type, data, version, nonce, exp);
        var signed = (JsonObject)data.DeepClone();
        signed["authorization"] = Authorization.Create(nonce, exp, signers.Select(s => Authorization.Sign(s, subject)));
        return new() { ["type"] = type, ["stream"] = stream, ["expectedVersion"] = version, ["data"] = signed };
    }

    public static async Task<(int Status, JsonElement Body)> Post(TestLedger ledger, string path, string token, JsonObject command)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(command.ToJsonString(), System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new("Bearer", token);
        request.Headers.Add("Prefer", "wait=30");
        return await Agency.Read(await ledger.Http.SendAsync(request));
    }

    /// <summary>Asks again until something holds; the ledger's own waiting is what takes the time.</summary>
    public async Task<JsonElement> Until(string path, Func<JsonElement, bool> holds)
    {
        var limit = DateTime.UtcNow.AddSeconds(60);
        while (true)
        {
            var body = await Get(path);
            if (holds(body))
            {
                return body;
            }
            DateTime.UtcNow.ShouldBeLessThan(limit, $"{path}: {body}");
            await Task.Delay(100);
        }
    }
}
