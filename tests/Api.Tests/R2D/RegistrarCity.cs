using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Tests.Support;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Tests.Shared;
using Xunit;

namespace EventLedger.Api.Tests.R2D;

/// <summary>A city with a source whose key lies in the city's vault, and Ann, one of its registrars.</summary>
public abstract class RegistrarCity(PostgresFixture postgres) : IAsyncLifetime
{
    protected const string Drafts = "/r2d/v1/registrar/drafts", Records = "/r2d/v1/registrar/records";

    private protected TestLedger Ledger { get; private set; } = null!;
    private protected Agency Agency { get; private set; } = null!;
    private protected (string Pseudonym, SigningKey Key) Ann { get; private set; }
    private protected string Token { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Ledger = await TestLedger.Start(await postgres.Cluster.CreateDatabase());
        Agency = await Agency.Register(Ledger);
        foreach (var id in (string[])["city", "harbour"])
        {
            (await Agency.Control(EventTable.OrganisationRegistered, $"organisation-{id}", 0, new() { ["id"] = id, ["name"] = $"The {id}" })).Status.ShouldBe(202);
        }
        (await Agency.Control(EventTable.SourceProfiled, EventTable.SourceStream(Agency.Iss), 2, new()
        {
            ["iss"] = Agency.Iss, ["profile"] = new JsonObject { ["organisation"] = "city", ["quarantined"] = false, ["assertion"] = false },
        })).Status.ShouldBe(202);
        Ann = await TokenFor.Bind(Ledger, Role.Registrar, "city");
        Token = await TokenFor.Person(Ledger, Ann.Key, "r2d");
        Enrol("city", Agency.Key);
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Ledger.DisposeAsync();
    }

    private protected static JsonObject Issue(string number, string? source = null) => new()
    {
        ["kind"] = "issue", ["format"] = Agency.Vct, ["source"] = source, ["expires"] = "2031-01-01T00:00:00.000Z",
        ["fields"] = new JsonObject { ["number"] = number, ["kind"] = "food", ["holder"] = "Jane Doe" },
    };

    private protected Task<(int Status, JsonElement Body)> Draft(JsonObject wish) => Ledger.Send(HttpMethod.Post, Drafts, Token, wish);

    private protected Task<(int Status, JsonElement Body)> Hand(JsonElement draft, params SigningKey[] by) => Ledger.Send(HttpMethod.Post, Records, Token, Body(draft, Signed(draft, by)));

    private protected async Task<string> Code(JsonObject body)
    {
        var (_, answer) = await Ledger.Send(HttpMethod.Post, Records, Token, body);
        return answer.TryGetProperty("code", out var code) ? code.GetString()! : "";
    }

    private protected static JsonObject Body(JsonElement draft, JsonObject assertion) => new()
    {
        ["payload"] = JsonNode.Parse(draft.GetProperty("payload").GetRawText()), ["disclosures"] = JsonNode.Parse(draft.GetProperty("disclosures").GetRawText()), ["assertion"] = assertion,
    };

    private protected JsonObject Signed(JsonElement draft, params SigningKey[] by) => Authorization.Create(draft.GetProperty("nonce").GetString()!,
        LedgerTime.Parse(draft.GetProperty("exp").GetString()!), by.Select(k => Authorization.Sign(k, Subject(draft))));

    private protected Digest Subject(JsonElement draft) => Assertion.Subject(Ledger.Genesis.Chain, Agency.Iss, draft.GetProperty("type").GetString()!,
        (JsonObject)JsonNode.Parse(draft.GetProperty("payload").GetRawText())!, draft.GetProperty("nonce").GetString()!, LedgerTime.Parse(draft.GetProperty("exp").GetString()!));

    private protected void Enrol(string organisation, SigningKey key)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Ledger.Data, "agencies", organisation)).FullName;
        File.WriteAllBytes(Path.Combine(folder, $"{key.Public.Kid}.json"), key.ToFile());
    }
}
