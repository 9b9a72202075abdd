using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Tests.Support;

/// <summary>A source with its key, and what it and the operators do over HTTP.</summary>
public sealed class Agency(TestLedger ledger, string iss = "https://agency.example")
{
    public const string Vct = "urn:eventledger:licence:1";

    private int next;

    public string Iss => iss;

    public SigningKey Key { get; } = TestLedger.NewKey(KeyPurpose.Record);

    public static LedgerTime Now => LedgerTime.From(DateTimeOffset.UtcNow);

    /// <summary>A source and a format that are approved and sealed.</summary>
    public static async Task<Agency> Register(TestLedger ledger)
    {
        var agency = new Agency(ledger);
        var (_, asked) = await agency.Ask();
        (await agency.Approve(asked)).Status.ShouldBe(202);
        (await agency.RegisterFormat()).Status.ShouldBe(202);
        return agency;
    }

    public async Task<(int Status, JsonElement Body)> Ask()
    {
        using var content = new StringContent(SourceRequest.Create(Key, iss, "The agency", ledger.Genesis.Chain, Now), Encoding.ASCII, "application/jwt");
        return await Read(await ledger.Http.PostAsync("/r2d/v1/sources", content));
    }

    /// <summary>An operator approves what the source asked for.</summary>
    public async Task<(int Status, JsonElement Body)> Approve(JsonElement asked)
    {
        var (_, source) = await Read(await ledger.Http.GetAsync($"/r2d/v1/sources/{asked.GetProperty("id").GetString()}"));
        var request = source.GetProperty("requests")[0].GetProperty("request").GetString()!;
        return await Control(EventTable.SourceApproved, EventTable.SourceStream(iss), source.GetProperty("version").GetInt64(), new() { ["request"] = request });
    }

    public Task<(int Status, JsonElement Body)> RegisterFormat() => Control(EventTable.FormatRegistered, EventTable.FormatStream("licence"), 0, new()
    {
        ["format"] = JsonNode.Parse("""
            {"id":"licence","version":1,"title":"Licence","key":["number"],"lifecycle":true,
             "classification":{"number":"public","kind":"public","holder":"personal"},
             "schema":{"type":"object","required":["number","holder"],"additionalProperties":false,
              "properties":{"number":{"type":"string","maxLength":40},"kind":{"type":"string","maxLength":40},"holder":{"type":"string","maxLength":100}}}}
            """),
    });

    /// <summary>An event of authority signed by operators.</summary>
    public async Task<(int Status, JsonElement Body)> Control(string type, string stream, long expectedVersion, JsonObject data, SigningKey[]? signers = null, LedgerTime? exp = null)
    {
        var body = new JsonObject
        {
            ["type"] = type, ["stream"] = stream, ["expectedVersion"] = expectedVersion, ["data"] = Signed(ledger, type, stream, expectedVersion, data, signers, exp),
        };
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        return await Read(await ledger.Http.PostAsync("/o2c/v1/controls", content));
    }

    public static JsonObject Signed(TestLedger ledger, string type, string stream, long expectedVersion, JsonObject data, SigningKey[]? signers = null, LedgerTime? exp = null)
    {
        var (nonce, until) = (B64.Encode(RandomNumberGenerator.GetBytes(16)), exp ?? Now.PlusMs(3_600_000));
        var subject = Authorization.Subject(ledger.Genesis.Chain, stream, type, data, expectedVersion, nonce, until);
        var signed = (JsonObject)data.DeepClone();
        signed["authorization"] = Authorization.Create(nonce, until, (signers ?? [ledger.Operators[0]]).Select(s => Authorization.Sign(s, subject)));
        return signed;
    }

    /// <summary>A licence as this source signs it: the holder is a disclosure.</summary>
    public string Licence(string number, Action<JsonObject>? change = null, string? holder = "Jane Doe", SigningKey? key = null)
    {
        var n = Interlocked.Increment(ref next);
        var payload = new JsonObject
        {
            ["iss"] = iss, ["vct"] = Vct, ["ledger"] = ledger.Genesis.Chain, ["jti"] = $"j-{n}", ["iat"] = Now.UnixMs / 1000, ["sub"] = $"person-{n % 7}",
            ["status"] = new JsonObject { ["status_list"] = new JsonObject { ["idx"] = n, ["uri"] = $"http://localhost:8080{EventTable.StatusListPath(iss, 0)}" } },
            ["number"] = number, ["kind"] = "food",
        };
        change?.Invoke(payload);
        return SdJwt.Create(key ?? Key, payload, holder is null ? [] : [SdJwt.Disclosure(RandomNumberGenerator.GetBytes(16), "holder", holder)]);
    }

    public async Task<(int Status, JsonElement Body)> Submit(string record, string? prefer = null, string mediaType = "application/dc+sd-jwt")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/r2d/v1/submissions") { Content = new StringContent(record, Encoding.ASCII, mediaType) };
        if (prefer is not null)
        {
            request.Headers.Add("Prefer", prefer);
        }
        return await Read(await ledger.Http.SendAsync(request));
    }

    public static async Task<(int Status, JsonElement Body)> Read(HttpResponseMessage response)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync();
            var isJson = text.Length > 0 && response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) != false;
            return ((int)response.StatusCode, JsonDocument.Parse(isJson ? text : "{}").RootElement);
        }
    }
}
