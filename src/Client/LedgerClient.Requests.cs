using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Client;

/// <summary>What operators do: sign in with a key, draft an act, sign drafts of others.</summary>
public sealed partial class LedgerClient
{
    /// <summary>Signs in with a person's CLI key; from then on this client speaks as that person at one reference point, as long as the token lives.</summary>
    /// <param name="key">The key.</param>
    /// <param name="point"><c>o2c</c>, <c>v2m</c>, <c>u2s</c> or <c>r2d</c>.</param>
    /// <param name="cancel">Stops waiting.</param>
    public async Task PresentAs(SigningKey key, string point, CancellationToken cancel = default)
    {
        var chain = (await Genesis(cancel)).Chain;
        var session = (await SignIn(key, chain, cancel))["session"]!.GetValue<string>();
        Present(await PersonToken(session, chain, point, null, cancel));
    }

    /// <summary>Drafts an act of control, or only says what it would do. It takes a person who has signed in at <c>o2c</c>.</summary>
    /// <param name="request"><c>{operation, type, parameters, reason?, expectedVersion?}</c>.</param>
    /// <param name="dryRun">Whether nothing is kept.</param>
    /// <param name="cancel">Stops waiting.</param>
    public Task<JsonObject> Draft(JsonObject request, bool dryRun = false, CancellationToken cancel = default) =>
        Post(dryRun ? "/o2c/v1/requests?dryRun=true" : "/o2c/v1/requests", "application/json", request.ToJsonString(), cancel);

    /// <summary>
    /// Signs a draft. What is signed is made anew from the draft's own data, so that nobody signs anything but what was read; the answer says whether it
    /// waits for another person or is in force.
    /// </summary>
    /// <param name="draft">As the ledger gave it.</param>
    /// <param name="key">A person's key.</param>
    /// <param name="cancel">Stops waiting.</param>
    public async Task<JsonObject> SignDraft(JsonObject draft, SigningKey key, CancellationToken cancel = default)
    {
        var chain = (await Genesis(cancel)).Chain;
        var subject = Authorization.Subject(chain, draft["stream"]!.GetValue<string>(), draft["event"]!.GetValue<string>(), (JsonObject)draft["data"]!,
            draft["expectedVersion"]!.GetValue<long>(), draft["nonce"]!.GetValue<string>(), LedgerTime.Parse(draft["exp"]!.GetValue<string>()));
        return await Post($"/o2c/v1/requests/{draft["id"]!.GetValue<string>()}/signatures", "application/json", Authorization.Sign(key, subject).ToJsonString(), cancel);
    }

    /// <summary>Drafts what differs from a configuration, or only says what does.</summary>
    /// <param name="configuration">As <c>GET /o2c/v1/configuration</c> gives it.</param>
    /// <param name="dryRun">Whether nothing is kept.</param>
    /// <param name="cancel">Stops waiting.</param>
    public async Task<JsonObject> BringTo(JsonObject configuration, bool dryRun = false, CancellationToken cancel = default)
    {
        using var content = new StringContent(configuration.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        return await Answer(await http.PutAsync(new Uri(dryRun ? "/o2c/v1/configuration?dryRun=true" : "/o2c/v1/configuration", UriKind.Relative), content, cancel), cancel);
    }
}
