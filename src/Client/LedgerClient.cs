using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Ledger;

namespace EventLedger.Client;

/// <summary>An answer with a problem document. Source: RFC 9457.</summary>
public sealed class LedgerProblemException(HttpStatusCode status, string code, string detail) : Exception($"{code}: {detail}")
{
    /// <summary>HTTP status.</summary>
    public HttpStatusCode Status => status;

    /// <summary>Last part of the problem's type.</summary>
    public string Code => code;
}

/// <summary>Speaks to a ledger over HTTP: what sources, data users and tools need, and no more.</summary>
/// <param name="http">Its <see cref="HttpClient.BaseAddress"/> is the ledger's address.</param>
public sealed partial class LedgerClient(HttpClient http)
{
    /// <summary>Media type of one record.</summary>
    public const string RecordType = "application/dc+sd-jwt";

    /// <summary>Media type of many records, one a line.</summary>
    public const string LinesType = "application/vnd.eventledger.sd-jwt-lines";

    /// <summary>Lines that <see cref="SubmitMany"/> puts into one request.</summary>
    public const int LinesPerRequest = 1000;

    /// <summary>The genesis file, which names the chain and its first validators.</summary>
    public async Task<Genesis> Genesis(CancellationToken cancel = default)
    {
        var file = await http.GetByteArrayAsync(new Uri("/ledger/v1/genesis", UriKind.Relative), cancel);
        return Domain.Ledger.Genesis.TryParse(file, out var genesis) ? genesis : throw new InvalidDataException("The ledger's genesis file is malformed.");
    }

    /// <summary>Reads a JSON resource; a problem answer throws <see cref="LedgerProblemException"/>.</summary>
    public async Task<JsonObject> Get(string path, CancellationToken cancel = default) =>
        await Answer(await http.GetAsync(new Uri(path, UriKind.Relative), cancel), cancel);

    /// <summary>Reads a resource's bytes as they are.</summary>
    public async Task<byte[]> GetBytes(string path, CancellationToken cancel = default)
    {
        using var response = await http.GetAsync(new Uri(path, UriKind.Relative), cancel);
        await ThrowOnProblem(response, cancel);
        return await response.Content.ReadAsByteArrayAsync(cancel);
    }

    /// <summary>Asks for registration with a signed request; see <see cref="SourceRequest.Create"/>.</summary>
    public Task<JsonObject> RequestSource(string request, CancellationToken cancel = default) => Post("/r2d/v1/sources", "application/jwt", request, cancel);

    /// <summary>Submits one record; the answer holds the signed receipt.</summary>
    public Task<JsonObject> Submit(string record, CancellationToken cancel = default) => Post("/r2d/v1/submissions", RecordType, record, cancel);

    /// <summary>
    /// Submits one record and waits for its seal, a minute at most: the bytes of its proof bundle, or null when it was accepted but not sealed in that
    /// time. A record that was submitted before may be submitted again: it is the same one.
    /// </summary>
    public async Task<byte[]?> SubmitSealed(string record, CancellationToken cancel = default)
    {
        using var content = new StringContent(record, Encoding.UTF8);
        content.Headers.ContentType = new(RecordType);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/r2d/v1/submissions", UriKind.Relative)) { Content = content };
        request.Headers.Add("Prefer", "wait=60");
        using var response = await http.SendAsync(request, cancel);
        await ThrowOnProblem(response, cancel);
        return response.StatusCode == HttpStatusCode.Created ? await response.Content.ReadAsByteArrayAsync(cancel) : null;
    }

    /// <summary>
    /// Brings an act of authority: reads the stream's version, has it signed by each key, and posts it. A conflict with another act throws.
    /// </summary>
    /// <param name="type">Event type.</param>
    /// <param name="stream">Its stream.</param>
    /// <param name="data">Data without authorization.</param>
    /// <param name="expectedVersion">Version of the stream that the signers saw; 0 for a new stream.</param>
    /// <param name="chain">Chain id.</param>
    /// <param name="now">The signers' clock.</param>
    /// <param name="signers">Keys of distinct people.</param>
    /// <param name="cancel">Stops waiting.</param>
    public Task<JsonObject> Control(string type, string stream, JsonObject data, long expectedVersion, string chain, Domain.Kernel.LedgerTime now,
        IEnumerable<SigningKey> signers, CancellationToken cancel = default)
    {
        var nonce = Domain.Kernel.B64.Encode(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16));
        var exp = now.PlusMs(Domain.Ledger.Authorization.LifeMsMax / 24);
        var subject = Domain.Ledger.Authorization.Subject(chain, stream, type, data, expectedVersion, nonce, exp);
        var whole = (JsonObject)data.DeepClone();
        whole["authorization"] = Domain.Ledger.Authorization.Create(nonce, exp, signers.Select(k => Domain.Ledger.Authorization.Sign(k, subject)));
        var body = new JsonObject { ["type"] = type, ["stream"] = stream, ["expectedVersion"] = expectedVersion, ["data"] = whole };
        return Post("/o2c/v1/controls", "application/json", body.ToJsonString(), cancel);
    }

    /// <summary>What a change of the validator set to these members would lead to; a change that would be refused throws.</summary>
    /// <param name="members"><c>[{kid, power}]</c>, ascending by kid.</param>
    /// <param name="cancel">Stops waiting.</param>
    public Task<JsonObject> ForecastSet(JsonArray members, CancellationToken cancel = default) =>
        Post("/o2c/v1/validators/what-if", "application/json", new JsonObject { ["members"] = members.DeepClone() }.ToJsonString(), cancel);

    /// <summary>
    /// Sends signed lines, <see cref="LinesPerRequest"/> a request, and yields one answer per line, in order. A cut connection throws
    /// <see cref="HttpRequestException"/> or <see cref="IOException"/>; sending the unanswered lines again adds nothing twice.
    /// </summary>
    /// <remarks>
    /// The door streams both ways, but over HTTP/1.1 this platform's client reads no answer before its last byte is sent. Short requests keep both
    /// sides from waiting for each other.
    /// </remarks>
    public async IAsyncEnumerable<JsonObject> SubmitMany(IAsyncEnumerable<string> lines, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        await foreach (var chunk in lines.Chunk(LinesPerRequest).WithCancellation(cancel))
        {
            using var content = new ByteArrayContent(Encoding.ASCII.GetBytes(string.Concat(chunk.Select(l => l + "\n"))));
            content.Headers.ContentType = new MediaTypeHeaderValue(LinesType);
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/r2d/v1/submissions/bulk", UriKind.Relative)) { Content = content };
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            await ThrowOnProblem(response, cancel);
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancel), Encoding.UTF8);
            while (await reader.ReadLineAsync(cancel) is { } line)
            {
                if (line.Length > 0)
                {
                    yield return (JsonObject)JsonNode.Parse(line)!;
                }
            }
        }
    }

    private async Task<JsonObject> Post(string path, string type, string body, CancellationToken cancel)
    {
        using var content = new StringContent(body, Encoding.UTF8);
        content.Headers.ContentType = new(type);
        return await Answer(await http.PostAsync(new Uri(path, UriKind.Relative), content, cancel), cancel);
    }

    private static async Task<JsonObject> Answer(HttpResponseMessage response, CancellationToken cancel)
    {
        using (response)
        {
            await ThrowOnProblem(response, cancel);
            return (JsonObject)JsonNode.Parse(await response.Content.ReadAsByteArrayAsync(cancel))!;
        }
    }

    private static async Task ThrowOnProblem(HttpResponseMessage response, CancellationToken cancel)
    {
        if (response.IsSuccessStatusCode)
        {
            return;
        }
        var text = await response.Content.ReadAsStringAsync(cancel);
        try
        {
            if (JsonNode.Parse(text) is JsonObject problem)
            {
                var code = problem["type"]?.GetValue<string>().Split('/')[^1] ?? "problem";
                throw new LedgerProblemException(response.StatusCode, code, problem["detail"]?.GetValue<string>() ?? problem["title"]?.GetValue<string>() ?? "");
            }
        }
        catch (JsonException)
        {
            // Not a problem document; the status says all there is.
        }
        throw new LedgerProblemException(response.StatusCode, $"http-{(int)response.StatusCode}", response.ReasonPhrase ?? "");
    }
}
