using System.Globalization;
using System.Text.Json.Nodes;

namespace EventLedger.Client;

/// <summary>What data users with rights ask: fields that are not public, their grants, cases and webhooks. Each takes a token for <c>u2s</c>.</summary>
public sealed partial class LedgerClient
{
    /// <summary>Fields of one record that are not public; the read is an event. Errors: grant-missing, purpose-missing, record-erased, seq-unknown, read-only.</summary>
    /// <param name="record">Id of the record, from 1.</param>
    /// <param name="fields">The fields; empty for all that are not public.</param>
    /// <param name="purpose">What for, in the words of the grant.</param>
    /// <param name="cancel">Stops waiting.</param>
    public Task<JsonObject> Disclosed(long record, IEnumerable<string> fields, string purpose, CancellationToken cancel = default) => Get(string.Create(CultureInfo.InvariantCulture,
        $"/u2s/v1/records/{record}/disclosed?fields={Uri.EscapeDataString(string.Join(',', fields))}&purpose={Uri.EscapeDataString(purpose)}"), cancel);

    /// <summary>Why fields may be read or not: <c>{format, fields?, purpose?, party?, suppose?: {issue?, revoke?}}</c>. Errors: query-malformed, role-missing.</summary>
    public Task<JsonObject> Explain(JsonObject question, CancellationToken cancel = default) => Post("/u2s/v1/explain", "application/json", question.ToJsonString(), cancel);

    /// <summary>Opens a case: <c>{kind, text, record?, format?, fields?, purpose?}</c>. Errors: query-malformed, read-only.</summary>
    public Task<JsonObject> OpenCase(JsonObject asked, CancellationToken cancel = default) => Post("/u2s/v1/cases", "application/json", asked.ToJsonString(), cancel);

    /// <summary>Registers a webhook: <c>{url, types?, formats?, mode?}</c>. Errors: query-malformed, webhook-address.</summary>
    public Task<JsonObject> AddWebhook(JsonObject hook, CancellationToken cancel = default) => Post("/u2s/v1/webhooks", "application/json", hook.ToJsonString(), cancel);

    /// <summary>Removes a webhook. Errors: webhook-unknown.</summary>
    public async Task RemoveWebhook(string id, CancellationToken cancel = default)
    {
        using var response = await http.DeleteAsync(new Uri($"/u2s/v1/webhooks/{Uri.EscapeDataString(id)}", UriKind.Relative), cancel);
        await ThrowOnProblem(response, cancel);
    }

    /// <summary>Who has read what of one person, by the statement with which their source vouches for them. Errors: statement-invalid.</summary>
    public Task<JsonObject> Accesses(string statement, CancellationToken cancel = default) => Post("/u2s/v1/subjects/accesses", "application/jwt", statement, cancel);
}
