using System.Text.Json.Nodes;

namespace EventLedger.Client;

/// <summary>What data users ask.</summary>
public sealed partial class LedgerClient
{
    /// <summary>One page of a query: <c>{total, asOf, items[], next?}</c>.</summary>
    /// <param name="query"><c>{from: {format, where?: [{field, op, value}]}, join?, fields?, limit?, after?, asOf?, versions?, order?}</c>.</param>
    /// <param name="cancel">Stops waiting.</param>
    public Task<JsonObject> Query(JsonObject query, CancellationToken cancel = default) => Post("/u2s/v1/query", "application/json", query.ToJsonString(), cancel);

    /// <summary>Hands in an application's signed request for registration.</summary>
    public Task<JsonObject> RequestApplication(string request, CancellationToken cancel = default) => Post("/u2s/v1/applications", "application/jwt", request, cancel);

    /// <summary>Writes a resource in one of its forms to a stream while the ledger sends it: all rows of a query as <c>text/csv</c>, for example.</summary>
    /// <param name="path">Its address.</param>
    /// <param name="accept">Media type of the form.</param>
    /// <param name="to">Where it goes.</param>
    /// <param name="cancel">Stops reading.</param>
    public async Task Download(string path, string accept, Stream to, CancellationToken cancel = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.Accept.ParseAdd(accept);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        await ThrowOnProblem(response, cancel);
        await response.Content.CopyToAsync(to, cancel);
    }

    /// <summary>What a number, hash, height, id, source, or words find.</summary>
    public Task<JsonObject> Search(string text, int limit = 50, CancellationToken cancel = default) => Get($"/u2s/v1/search?q={Uri.EscapeDataString(text)}&limit={limit}", cancel);
}
