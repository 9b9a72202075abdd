using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Client;

/// <summary>What registrars do: draft what their agency is to say, and assert it, so that the agency's vault signs. It takes <see cref="SignIn"/> at <c>r2d</c>.</summary>
public sealed partial class LedgerClient
{
    /// <summary>The registrar's organisation, its sources and formats. Errors: token-missing, role-missing.</summary>
    public Task<JsonObject> RegistrarSources(CancellationToken cancel = default) => Get("/r2d/v1/registrar/sources", cancel);

    /// <summary>Drafts a record or a change of status. Errors: organisation-other, vault-key-missing, and those of a submission.</summary>
    /// <param name="wish"><c>{kind: issue, format, fields, source?, expires?, subject?}</c> or <c>{kind: status, format, key, change, reason?, source?}</c>.</param>
    /// <param name="cancel">Stops waiting.</param>
    public Task<JsonObject> DraftRecord(JsonObject wish, CancellationToken cancel = default) => Post("/r2d/v1/registrar/drafts", "application/json", wish.ToJsonString(), cancel);

    /// <summary>
    /// Asserts a draft and hands it in: the receipt. What is signed is made anew from the draft's own payload, so that nobody asserts anything but what was
    /// read. Errors: assertion-wrong, organisation-other, vault-key-missing, and those of a submission.
    /// </summary>
    /// <param name="draft">As the ledger gave it.</param>
    /// <param name="keys">The registrar's key, and perhaps that of a second one.</param>
    /// <param name="cancel">Stops waiting.</param>
    public async Task<JsonObject> IssueRecord(JsonObject draft, IReadOnlyList<SigningKey> keys, CancellationToken cancel = default)
    {
        var payload = (JsonObject)draft["payload"]!.DeepClone();
        var (nonce, exp) = (draft["nonce"]!.GetValue<string>(), LedgerTime.Parse(draft["exp"]!.GetValue<string>()));
        var type = payload["vct"]?.GetValue<string>() == RecordRules.StatusVct ? EventTable.StatusChanged : EventTable.SubmissionAccepted;
        var subject = Assertion.Subject((await Genesis(cancel)).Chain, payload["iss"]!.GetValue<string>(), type, payload, nonce, exp);
        var body = new JsonObject
        {
            ["payload"] = payload, ["disclosures"] = draft["disclosures"]!.DeepClone(), ["assertion"] = Domain.Ledger.Authorization.Create(nonce, exp, keys.Select(k => Domain.Ledger.Authorization.Sign(k, subject))),
        };
        return await Post("/r2d/v1/registrar/records", "application/json", body.ToJsonString(), cancel);
    }
}
