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
    /// <param name="wish"><c>{kind: issue, format, fields, source?, expires?, subject?, correction?}</c> or <c>{kind: status, format, key, change, reason?, source?}</c>.</param>
    /// <param name="cancel">Stops waiting.</param>
    public Task<JsonObject> DraftRecord(JsonObject wish, CancellationToken cancel = default) => Post("/r2d/v1/registrar/drafts", "application/json", wish.ToJsonString(), cancel);

    /// <summary>
    /// Asserts a draft and hands it in: the receipt. What is signed is made anew from the draft's own payload, so that nobody asserts anything but what was
    /// read. Errors: assertion-wrong, second-registrar-missing, organisation-other, vault-key-missing, and those of a submission.
    /// </summary>
    /// <param name="draft">As the ledger gave it.</param>
    /// <param name="keys">The registrar's key, and perhaps that of a second one.</param>
    /// <param name="cancel">Stops waiting.</param>
    public async Task<JsonObject> IssueRecord(JsonObject draft, IReadOnlyList<SigningKey> keys, CancellationToken cancel = default)
    {
        var (nonce, exp, subject) = await WhatIsSigned(draft, cancel);
        return await Post("/r2d/v1/registrar/records", "application/json", Handed(draft, nonce, exp, subject, keys).ToJsonString(), cancel);
    }

    /// <summary>Asserts a draft alone and keeps it for a second registrar: <c>{id, exp, links}</c>. Errors as of <see cref="IssueRecord"/>.</summary>
    public async Task<JsonObject> KeepRecordWaiting(JsonObject draft, SigningKey key, CancellationToken cancel = default)
    {
        var (nonce, exp, subject) = await WhatIsSigned(draft, cancel);
        return await Post("/r2d/v1/registrar/waiting", "application/json", Handed(draft, nonce, exp, subject, [key]).ToJsonString(), cancel);
    }

    /// <summary>What waits for a second registrar of the caller's organisation.</summary>
    public Task<JsonObject> WaitingRecords(CancellationToken cancel = default) => Get("/r2d/v1/registrar/waiting", cancel);

    /// <summary>A draft that waits, as it is to be signed. Errors: waiting-unknown.</summary>
    public Task<JsonObject> WaitingRecord(string id, CancellationToken cancel = default) => Get($"/r2d/v1/registrar/waiting/{Uri.EscapeDataString(id)}", cancel);

    /// <summary>Adds the second registrar's signature: the receipt. Errors: waiting-unknown, signature-known, request-closed, version-conflict, and those of a submission.</summary>
    /// <param name="draft">From <see cref="WaitingRecord"/>.</param>
    /// <param name="key">The second registrar's key.</param>
    /// <param name="cancel">Stops waiting.</param>
    public async Task<JsonObject> SignWaitingRecord(JsonObject draft, SigningKey key, CancellationToken cancel = default)
    {
        var (_, _, subject) = await WhatIsSigned(draft, cancel);
        return await Post($"/r2d/v1/registrar/waiting/{Uri.EscapeDataString(draft["id"]!.GetValue<string>())}/signatures", "application/json",
            Domain.Ledger.Authorization.Sign(key, subject).ToJsonString(), cancel);
    }

    /// <summary>Throws a draft away that waits. Errors: waiting-unknown.</summary>
    public async Task WithdrawWaitingRecord(string id, CancellationToken cancel = default)
    {
        using var response = await http.DeleteAsync(new Uri($"/r2d/v1/registrar/waiting/{Uri.EscapeDataString(id)}", UriKind.Relative), cancel);
        await ThrowOnProblem(response, cancel);
    }

    private static JsonObject Handed(JsonObject draft, string nonce, LedgerTime exp, Digest subject, IEnumerable<SigningKey> keys) => new()
    {
        ["payload"] = draft["payload"]!.DeepClone(), ["disclosures"] = draft["disclosures"]!.DeepClone(),
        ["assertion"] = Domain.Ledger.Authorization.Create(nonce, exp, keys.Select(k => Domain.Ledger.Authorization.Sign(k, subject))),
    };

    private async Task<(string Nonce, LedgerTime Exp, Digest Subject)> WhatIsSigned(JsonObject draft, CancellationToken cancel)
    {
        var payload = (JsonObject)draft["payload"]!;
        var (nonce, exp) = (draft["nonce"]!.GetValue<string>(), LedgerTime.Parse(draft["exp"]!.GetValue<string>()));
        var type = payload["vct"]?.GetValue<string>() == RecordRules.StatusVct ? EventTable.StatusChanged : EventTable.SubmissionAccepted;
        return (nonce, exp, Assertion.Subject((await Genesis(cancel)).Chain, payload["iss"]!.GetValue<string>(), type, payload, nonce, exp));
    }
}
