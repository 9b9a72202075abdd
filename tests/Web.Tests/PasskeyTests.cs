using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Tests.Shared;
using EventLedger.Web.Tests.Support;
using Microsoft.Playwright;

namespace EventLedger.Web.Tests;

/// <summary>What a member of the staff does with the keys of a real browser; only the finger on the sensor is simulated.</summary>
public sealed class PasskeyTests(SeededSite site, Browser browser)
{
    [Fact]
    [Y4561("N-8.4-c")]
    [Y4561("D-7.2.3-a")]
    public async Task An_operator_signs_in_with_a_passkey_signs_an_act_with_it_and_none_with_the_browser_alone()
    {
        var page = await browser.Open();
        var authenticator = await page.Context.NewCDPSessionAsync(page);
        await authenticator.SendAsync("WebAuthn.enable");
        await authenticator.SendAsync("WebAuthn.addVirtualAuthenticator", new()
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2", ["transport"] = "internal", ["hasResidentKey"] = true, ["hasUserVerification"] = true, ["isUserVerified"] = true,
            },
        });
        await page.GotoAsync(site.Origin);

        var code = (await File.ReadAllTextAsync(Path.Combine(site.Chain.Directory, "first-sign-in"), TestContext.Current.CancellationToken)).Trim();
        var begun = await Call(page, "openAccount", code, "operator.three");
        var (session, pseudonym) = (begun.GetProperty("session").GetString()!, begun.GetProperty("pseudonym").GetString()!);
        var passkey = await Call(page, "enrolPasskey", session);
        (await Call(page, "signIn")).GetProperty("strength").GetString().ShouldBe("unbound");
        await site.Chain.Bind(site.Store, pseudonym, passkey.GetProperty("jwk"), "passkey", Role.Operator);
        await site.Folded();
        var again = await Call(page, "signIn");
        (again.GetProperty("strength").GetString(), again.GetProperty("roles")[0].GetString()).ShouldBe(("key", Role.Operator));

        var own = await Call(page, "enrolBrowserKey", session, site.Chain.Chain.Chain, pseudonym);
        await site.Chain.Bind(site.Store, pseudonym, own.GetProperty("jwk"), "browser", Role.Operator);
        await site.Folded();
        (await Act(page, "signActHere", pseudonym)).ShouldBe((409, RejectionCode.AuthorizationPersons));
        (await Act(page, "signAct", passkey.GetProperty("kid").GetString()!)).ShouldBe((202, null));
        await page.Context.DisposeAsync();
    }

    // As text, for the driver marks objects with members of its own.
    private static async Task<JsonElement> Call(IPage page, string function, params string[] arguments) => JsonDocument.Parse(await page.EvaluateAsync<string>(
        "async ([name, given]) => JSON.stringify(await (await import('/sign.mjs'))[name](...given))", new object[] { function, arguments })).RootElement;

    // Registers a format of its own each time: what is signed is a whole act, not a challenge.
    private async Task<(int Status, string? Code)> Act(IPage page, string function, string who)
    {
        var id = $"signed-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";
        var data = new JsonObject { ["format"] = JsonNode.Parse("""
            {"id":"ID","version":1,"title":"Signed in a browser","key":["number"],"lifecycle":false,"classification":{"number":"public"},
             "schema":{"type":"object","required":["number"],"additionalProperties":false,"properties":{"number":{"type":"string","maxLength":40}}}}
            """.Replace("\"ID\"", $"\"{id}\"", StringComparison.Ordinal)) };
        var (nonce, exp, stream) = (B64.Encode(RandomNumberGenerator.GetBytes(16)), TestChain.Now.PlusMs(3_600_000), EventTable.FormatStream(id));
        var subject = Authorization.Subject(site.Chain.Chain.Chain, stream, EventTable.FormatRegistered, data, 0, nonce, exp);
        var signature = await Call(page, function, who, B64.Encode(subject.ToArray()));
        data["authorization"] = Authorization.Create(nonce, exp, (JsonObject)JsonNode.Parse(signature.GetRawText())!);
        var body = new JsonObject { ["type"] = EventTable.FormatRegistered, ["stream"] = stream, ["expectedVersion"] = 0, ["data"] = data };
        using var content = new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        using var answer = await site.Http.PostAsync("/o2c/v1/controls", content, TestContext.Current.CancellationToken);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return ((int)answer.StatusCode, json.RootElement.TryGetProperty("code", out var problem) ? problem.GetString() : null);
    }
}
