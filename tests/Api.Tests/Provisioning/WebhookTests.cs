using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using EventLedger.Api.Delivery;
using EventLedger.Domain.Ledger;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace EventLedger.Api.Tests.Provisioning;

/// <summary>Messages to a receiver of its own, over real HTTP.</summary>
public sealed class WebhookTests(TwoAgencies agencies) : IClassFixture<TwoAgencies>, IAsyncLifetime
{
    private readonly Channel<Received> received = Channel.CreateUnbounded<Received>();
    private WebApplication receiver = null!;
    private Func<int, int> answer = _ => 204;
    private int attempts;

    private sealed record Received(string Url, IReadOnlyDictionary<string, string> Headers, string Body);

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        receiver = builder.Build();
        receiver.Run(async http =>
        {
            using var reader = new StreamReader(http.Request.Body);
            var body = await reader.ReadToEndAsync();
            http.Response.StatusCode = answer(Interlocked.Increment(ref attempts));
            http.Response.Headers.Location = "/elsewhere";
            await received.Writer.WriteAsync(new($"{receiver.Urls.First()}{http.Request.Path}", http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase), body));
        });
        await receiver.StartAsync();
    }

    public ValueTask DisposeAsync() => receiver.DisposeAsync();

    [Fact]
    [Y4561("D-7.1.3-b")]
    [Y4561("D-7.1.1-f")]
    public async Task A_sealed_record_is_told_as_a_signed_CloudEvent_and_told_again_until_it_is_taken()
    {
        var token = await agencies.Application("listeners");
        answer = attempt => attempt switch { 1 => 500, 2 => 302, _ => 200 };
        var hook = (await agencies.Send(HttpMethod.Post, "/u2s/v1/webhooks", token, new() { ["url"] = $"{receiver.Urls.First()}/inbox", ["formats"] = new JsonArray("permit") }, 201)).GetProperty("id").GetString()!;
        await agencies.Put("registration", new() { ["reg"] = "W-0" });
        var id = await agencies.Put("permit", new() { ["number"] = "W-1", ["kind"] = "x" }, "Gus Holder");

        var messages = new[] { await Next(), await Next(), await Next() };
        messages.Select(m => m.Body).Distinct().ShouldHaveSingleItem("the same message each time");
        messages.ShouldAllBe(m => m.Url.EndsWith("/inbox"), "a redirect is not followed");
        var told = JsonDocument.Parse(messages[2].Body).RootElement;
        messages[2].Headers["Content-Type"].ShouldBe("application/cloudevents+json");
        told.GetProperty("specversion").GetString().ShouldBe("1.0");
        told.GetProperty("type").GetString().ShouldBe("eventledger.submission_accepted.v1");
        told.GetProperty("source").GetString().ShouldBe($"urn:eventledger:{agencies.Ledger.Genesis.Chain}");
        told.GetProperty("data").GetProperty("entry").GetInt64().ShouldBe(id);
        told.GetProperty("data").GetProperty("format").GetString().ShouldBe("permit");
        messages[2].Body.ShouldNotContain("Gus");
        (await agencies.Get(told.GetProperty("data").GetProperty("record").GetString()!)).GetProperty("state").GetString().ShouldBe("sealed");
        await IsSigned(messages[2]);

        // The receiver has it before the host has noted that; a moment later the log says so.
        JsonElement delivery;
        do
        {
            delivery = (await agencies.Send(HttpMethod.Get, $"/u2s/v1/webhooks/{hook}/deliveries", token)).GetProperty("items").EnumerateArray().ShouldHaveSingleItem();
        }
        while (delivery.GetProperty("state").GetString() == "waiting");
        (delivery.GetProperty("state").GetString(), delivery.GetProperty("attempts").GetInt32(), delivery.GetProperty("status").GetInt32()).ShouldBe(("delivered", 3, 200));
        await agencies.Send(HttpMethod.Post, $"/u2s/v1/webhooks/{hook}/deliveries/{id}", token, null, 202);
        (await Next()).Body.ShouldBe(messages[2].Body);
        await agencies.Send(HttpMethod.Delete, $"/u2s/v1/webhooks/{hook}", token, null, 204);
    }

    [Fact]
    public async Task In_binary_mode_the_attributes_are_headers()
    {
        var token = await agencies.Application("binaries");
        await agencies.Send(HttpMethod.Post, "/u2s/v1/webhooks", token, new() { ["url"] = $"{receiver.Urls.First()}/raw", ["mode"] = "binary", ["types"] = new JsonArray(EventTable.SubmissionAccepted) }, 201);
        var id = await agencies.Put("permit", new() { ["number"] = "W-2", ["kind"] = "x" });

        var message = await Next();
        message.Headers["Content-Type"].ShouldBe("application/json");
        message.Headers["ce-specversion"].ShouldBe("1.0");
        message.Headers["ce-type"].ShouldBe("eventledger.submission_accepted.v1");
        JsonDocument.Parse(message.Body).RootElement.GetProperty("entry").GetInt64().ShouldBe(id);
        await IsSigned(message);
    }

    [Fact]
    public async Task A_webhook_is_its_owners_alone_and_an_address_inside_is_refused()
    {
        var (owner, other) = (await agencies.Application("owners"), await agencies.Application("others"));
        var hook = (await agencies.Send(HttpMethod.Post, "/u2s/v1/webhooks", owner, new() { ["url"] = "https://receiver.example/inbox" }, 201)).GetProperty("id").GetString()!;
        (await agencies.Send(HttpMethod.Get, $"/u2s/v1/webhooks/{hook}", other, null, 404)).GetProperty("code").GetString().ShouldBe("webhook-unknown");
        (await agencies.Send(HttpMethod.Delete, $"/u2s/v1/webhooks/{hook}", other, null, 404)).GetProperty("code").GetString().ShouldBe("webhook-unknown");
        foreach (var url in new[] { "https://10.0.0.1/x", "https://[::ffff:169.254.169.254]/x", "https://[fd00::1]/x", "ftp://receiver.example/", "/inbox", "https://user:word@receiver.example/" })
        {
            (await agencies.Send(HttpMethod.Post, "/u2s/v1/webhooks", owner, new() { ["url"] = url }, 400)).GetProperty("code").GetString().ShouldBe("webhook-address", url);
        }
        (await agencies.Send(HttpMethod.Post, "/u2s/v1/webhooks", owner, new() { ["url"] = "https://receiver.example/", ["types"] = new JsonArray("no_such") }, 400)).GetProperty("code").GetString().ShouldBe("query-malformed");
    }

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700:4700::1111", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("10.20.30.40", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("192.168.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("::1", false)]
    [InlineData("::", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("2002:a00:1::", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd12:3456::1", false)]
    public void Only_public_addresses_are_sent_to(string address, bool admitted) => new AddressGuard([]).Admits(IPAddress.Parse(address)).ShouldBe(admitted);

    [Fact]
    public async Task A_name_that_leads_inside_is_refused_when_it_is_connected_to()
    {
        using var http = new AddressGuard([]).Client(TimeSpan.FromSeconds(5));
        var refused = await Should.ThrowAsync<HttpRequestException>(() => http.GetAsync(new Uri($"http://localhost:{new Uri(receiver.Urls.First()).Port}/")));
        refused.ToString().ShouldContain("private or special network");
        attempts.ShouldBe(0);
    }

    private async Task<Received> Next() => await received.Reader.ReadAsync(TestContext.Current.CancellationToken);

    // As a receiver checks it: with the host's published key and nothing else.
    private async Task IsSigned(Received message)
    {
        var keys = (await agencies.Get("/oauth/jwks")).GetProperty("keys");
        Jwk.TryParse(Bare(keys[0]), out var key).ShouldBeTrue();
        message.Headers["Content-Digest"].ShouldBe($"sha-256=:{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(message.Body)))}:");
        var parameters = message.Headers["Signature-Input"]["ledger=".Length..];
        parameters.ShouldContain($"keyid=\"{key!.Kid}\"");
        var signature = Convert.FromBase64String(message.Headers["Signature"]["ledger=:".Length..^1]);
        var signed = MessageSignature.Base(new(message.Url), message.Headers["Content-Type"], message.Headers["Content-Digest"], parameters);
        key.Verify(Encoding.UTF8.GetBytes(signed), signature).ShouldBeTrue();
        key.Verify(Encoding.UTF8.GetBytes(signed.Replace("POST", "GET", StringComparison.Ordinal)), signature).ShouldBeFalse();
    }

    private static JsonElement Bare(JsonElement jwk)
    {
        var bare = new JsonObject();
        foreach (var name in new[] { "crv", "kty", "x", "y" })
        {
            bare[name] = jwk.GetProperty(name).GetString();
        }
        return JsonDocument.Parse(bare.ToJsonString()).RootElement;
    }
}
