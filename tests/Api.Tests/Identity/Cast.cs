using System.Text.Json;
using EventLedger.Api.Tests.Support;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Tests.Identity;

/// <summary>One caller of each kind and role, two of those who own things, with real tokens for every door that lets them in.</summary>
internal sealed class Cast
{
    public static readonly string[] Points = ["r2d", "u2s", "o2c", "v2m"];

    private readonly Dictionary<(string Who, string Point), string> tokens = [];
    private readonly Dictionary<string, string> sessions = new(StringComparer.Ordinal);

    public static readonly string[] Everybody =
        ["anonymous", "source A", "source B", "user A", "user B", Role.Operator, Role.Supervisor, Role.Registrar, Role.Notary, "operator by password"];

    /// <summary>A caller's token for a door; where there is none the one that the caller has for another door; null for nobody.</summary>
    public string? Token(string who, string point) => tokens.GetValueOrDefault((who, point)) ?? Points.Select(p => tokens.GetValueOrDefault((who, p))).FirstOrDefault(t => t is not null);

    /// <summary>Whether a caller could get a token for a door at all.</summary>
    public bool HasDoor(string who, string point) => tokens.ContainsKey((who, point));

    /// <summary>The secret of a person's session; null for machines.</summary>
    public string? Session(string who) => sessions.GetValueOrDefault(who);

    public static async Task<Cast> Assemble(TestLedger ledger)
    {
        var cast = new Cast();
        foreach (var letter in (string[])["A", "B"])
        {
            await cast.AddSource(ledger, letter);
            await cast.AddApplication(ledger, letter);
        }
        await cast.AddPerson(ledger, Role.Operator, await TokenFor.SignIn(ledger, ledger.Operators[0]));
        foreach (var role in (string[])[Role.Supervisor, Role.Registrar, Role.Notary])
        {
            await cast.AddPerson(ledger, role, await TokenFor.SignIn(ledger, (await TokenFor.Bind(ledger, role)).Key));
        }
        await cast.AddPerson(ledger, "operator by password", await ByPassword(ledger));
        return cast;
    }

    private async Task AddSource(TestLedger ledger, string letter)
    {
        var agency = new Agency(ledger, $"https://agency-{letter}.example");
        var (_, asked) = await agency.Ask();
        (await agency.Approve(asked)).Status.ShouldBe(202);
        await Add($"source {letter}", point => TokenFor.AskMachine(ledger, Assertion(ledger, agency.Key, agency.Iss), point));
    }

    private async Task AddApplication(TestLedger ledger, string letter)
    {
        var (organisation, uri, key, agency) = ($"org-{letter.ToLowerInvariant()}", $"https://app-{letter}.example", TestLedger.NewKey(KeyPurpose.Client), new Agency(ledger));
        (await agency.Control(EventTable.OrganisationRegistered, EventTable.StreamOf(EventTable.OrganisationRegistered, organisation), 0,
            new() { ["id"] = organisation, ["name"] = $"Organisation {letter}" })).Status.ShouldBe(202);
        var request = ApplicationRequest.Create(key, uri, $"Application {letter}", organisation, ledger.Genesis.Chain, Agency.Now);
        (await agency.Control(EventTable.ApplicationApproved, EventTable.ApplicationStream(uri), 0,
            new() { ["request"] = request, ["scopes"] = new System.Text.Json.Nodes.JsonArray("u2s.disclose", "u2s.query", "u2s.read", "u2s.subscribe") })).Status.ShouldBe(202);
        await Add($"user {letter}", point => TokenFor.AskMachine(ledger, Assertion(ledger, key, uri), point));
    }

    private async Task AddPerson(TestLedger ledger, string who, string session)
    {
        sessions[who] = session;
        await Add(who, point => TokenFor.AskPerson(ledger, session, point));
    }

    private async Task Add(string who, Func<string, Task<(int Status, JsonElement Body)>> ask)
    {
        foreach (var point in Points)
        {
            var (status, body) = await ask(point);
            if (status == 200)
            {
                tokens[(who, point)] = body.GetProperty("access_token").GetString()!;
            }
            else
            {
                body.GetProperty("code").GetString().ShouldBe("scope-missing", $"{who} at {point}");
            }
        }
    }

    private static string Assertion(TestLedger ledger, SigningKey key, string client) => ClientAssertion.Create(key, client, ledger.Genesis.Chain, Guid.NewGuid().ToString("n"), Agency.Now);

    // A second operator of genesis adds a password, and uses that.
    private static async Task<string> ByPassword(TestLedger ledger)
    {
        const string password = "a password of some length";
        var session = await TokenFor.SignIn(ledger, ledger.Operators[1]);
        (await ledger.Send(HttpMethod.Post, "/identity/v1/password", session, new() { ["password"] = password })).Status.ShouldBe(204);
        var secret = (await ledger.Send(HttpMethod.Post, "/identity/v1/totp", session)).Body.GetProperty("secret").GetString()!;
        (await ledger.Send(HttpMethod.Post, "/identity/v1/totp/confirmation", session, new() { ["code"] = Totp.Code(secret, -1) })).Status.ShouldBe(204);
        var (status, begun) = await ledger.Send(HttpMethod.Post, "/identity/v1/sign-in/password", null,
            new() { ["name"] = ledger.Genesis.Operators[1].Pseudonym, ["password"] = password, ["code"] = Totp.Code(secret) });
        return status == 200 ? begun.GetProperty("session").GetString()! : throw new InvalidOperationException($"{status}: {begun}");
    }
}
