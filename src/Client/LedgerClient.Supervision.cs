using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Client;

public sealed partial class LedgerClient
{
    /// <summary>Signs a supervisor in with a CLI key and gives the token for V2M, which all later requests of this client bear too. It counts five minutes.</summary>
    public async Task<string> EnterV2M(SigningKey key, CancellationToken cancel = default)
    {
        await SignIn(key, "v2m", cancel);
        return http.DefaultRequestHeaders.Authorization!.Parameter!;
    }

    /// <summary>Signs a command of supervision and hands it in; the stream's version must be the one named.</summary>
    /// <param name="path">Address below <c>/v2m/v1</c> that takes it.</param>
    /// <param name="type">Event type.</param>
    /// <param name="data">Data with <c>id</c>, without authorization.</param>
    /// <param name="expectedVersion">Version of the stream that the signer saw; 0 for a new one.</param>
    /// <param name="chain">Chain id.</param>
    /// <param name="now">The signer's clock.</param>
    /// <param name="key">The supervisor's key.</param>
    /// <param name="cancel">Stops waiting.</param>
    public Task<JsonObject> Supervise(string path, string type, JsonObject data, long expectedVersion, string chain, LedgerTime now, SigningKey key, CancellationToken cancel = default)
    {
        var stream = EventTable.StreamOf(type, data["id"]!.GetValue<string>());
        var (nonce, exp) = (B64.Encode(RandomNumberGenerator.GetBytes(16)), now.PlusMs(Domain.Ledger.Authorization.LifeMsMax / 24));
        var whole = (JsonObject)data.DeepClone();
        whole["authorization"] = Domain.Ledger.Authorization.Create(nonce, exp,
            Domain.Ledger.Authorization.Sign(key, Domain.Ledger.Authorization.Subject(chain, stream, type, data, expectedVersion, nonce, exp)));
        return Post(path, "application/json", new JsonObject { ["type"] = type, ["stream"] = stream, ["expectedVersion"] = expectedVersion, ["data"] = whole }.ToJsonString(), cancel);
    }
}
