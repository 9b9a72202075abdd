using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Npgsql;

namespace EventLedger.Api.Http;

/// <summary>
/// <c>Idempotency-Key</c>: a command that is sent again, because its answer was lost or a button was pressed twice, is done once and answered with the
/// first answer (header <c>Idempotency-Replayed: true</c>). Kept for 24 hours, for each caller by itself. Source: draft-ietf-httpapi-idempotency-key-header.
/// Records need no key: the same record again gets its first receipt anyway.
/// </summary>
public sealed class Idempotency(NpgsqlDataSource database, TimeProvider clock)
{
    /// <summary>The request header.</summary>
    public const string Header = "Idempotency-Key";

    /// <summary>Set on an answer that was given before.</summary>
    public const string ReplayedHeader = "Idempotency-Replayed";

    private const int KeyMax = 100;

    private static readonly TimeSpan KeptFor = TimeSpan.FromHours(24);

    // A host that died with the answer open must not block its caller for a day.
    private static readonly TimeSpan GivenUpAfter = TimeSpan.FromMinutes(1);

    // What tells the caller where to look goes out again; the rest belongs to the first transmission.
    private static readonly string[] Headers = ["Location", "ETag", "Content-Type", "Link"];

    /// <summary>Serves the request, or the answer that the key stands for.</summary>
    public async Task Serve(HttpContext http, RequestDelegate next)
    {
        var keys = http.Request.Headers[Header];
        if (keys.Count == 0 || HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method) || HasNoMemory(http.Request.Path))
        {
            await next(http);
            return;
        }
        if (keys is not [{ Length: > 0 and <= KeyMax } key])
        {
            await Problems.From("request-malformed", $"{Header} is one text of at most {KeyMax} characters.").ExecuteAsync(http);
            return;
        }
        http.Request.EnableBuffering();
        var fingerprint = await Fingerprint(http.Request, http.RequestAborted);
        var claim = new Claim(key, SHA256.HashData(Encoding.UTF8.GetBytes(CallerOf(http))), fingerprint);
        switch (await Begin(claim, http.RequestAborted))
        {
            case { IsNew: true }:
                await Answer(http, next, claim);
                break;
            case { Fingerprint: { } known } when !known.AsSpan().SequenceEqual(fingerprint):
                await Problems.From("idempotency-reused", $"The key “{key}” belongs to another request; a new command needs a new key.").ExecuteAsync(http);
                break;
            case { Status: { } status } first:
                await Replay(http.Response, status, first.Headers!, first.Body!, http.RequestAborted);
                break;
            default:
                await Problems.From("idempotency-busy", $"The request with the key “{key}” is being answered.").ExecuteAsync(http);
                break;
        }
    }

    // Records have a jti of their own, and a draft of one holds what is hidden in it; a token or a session's secret is answered once and kept nowhere.
    private static bool HasNoMemory(PathString path) =>
        path.StartsWithSegments("/r2d/v1/submissions") || path.StartsWithSegments("/r2d/v1/registrar") || path.StartsWithSegments("/oauth") || path.StartsWithSegments("/identity");

    // Who it is, not with which token: a token is renewed every few minutes.
    private static string CallerOf(HttpContext http) => Identity.Caller.Of(http) is { IsKnown: true } caller ? $"{caller.Kind} {caller.Id}" : "";

    private async Task Answer(HttpContext http, RequestDelegate next, Claim claim)
    {
        var wire = http.Response.Body;
        using var kept = new MemoryStream();
        http.Response.Body = kept;
        var isDone = false;
        try
        {
            await next(http);
            isDone = http.Response.StatusCode < StatusCodes.Status500InternalServerError;
        }
        finally
        {
            http.Response.Body = wire;
            // What failed may be tried again under the same key.
            await (isDone ? Keep(claim, http.Response, kept.ToArray()) : Forget(claim));
        }
        kept.Position = 0;
        await kept.CopyToAsync(wire, http.RequestAborted);
    }

    private static async Task Replay(HttpResponse response, int status, string headers, byte[] body, CancellationToken cancellation)
    {
        response.StatusCode = status;
        foreach (var (name, value) in JsonSerializer.Deserialize<Dictionary<string, string>>(headers)!)
        {
            response.Headers[name] = value;
        }
        response.Headers[ReplayedHeader] = "true";
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, cancellation);
    }

    private static async Task<byte[]> Fingerprint(HttpRequest request, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method} {request.Path}{request.QueryString}\n{request.ContentType}\n"));
        var buffer = ArrayPool<byte>.Shared.Rent(16 << 10);
        for (int count; (count = await request.Body.ReadAsync(buffer, cancellation)) > 0;)
        {
            hash.AppendData(buffer, 0, count);
        }
        ArrayPool<byte>.Shared.Return(buffer);
        request.Body.Position = 0;
        return hash.GetHashAndReset();
    }

    private async Task<Known> Begin(Claim claim, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        await using var command = database.CreateCommand("""
            with old as (delete from host.idempotency where begun < $5 or (key = $1 and caller = $2 and status is null and begun < $6)),
                 mine as (insert into host.idempotency (key, caller, fingerprint, begun) values ($1, $2, $3, $4) on conflict do nothing returning 1)
            select exists (select from mine), k.fingerprint, k.status, k.headers::text, k.body from (values (1)) as one
            left join host.idempotency k on k.key = $1 and k.caller = $2
            """);
        foreach (var value in new object[] { claim.Key, claim.Caller, claim.Fingerprint, now, now - KeptFor, now - GivenUpAfter })
        {
            command.Parameters.Add(new() { Value = value });
        }
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        return new(row.GetBoolean(0), Get<byte[]>(1), row.IsDBNull(2) ? null : row.GetInt32(2), Get<string>(3), Get<byte[]>(4));
        T? Get<T>(int column)
            where T : class => row.IsDBNull(column) ? null : row.GetFieldValue<T>(column);
    }

    private async Task Keep(Claim claim, HttpResponse response, byte[] body)
    {
        var headers = Headers.Where(h => response.Headers.ContainsKey(h)).ToDictionary(h => h, h => response.Headers[h].ToString());
        await using var command = database.CreateCommand("update host.idempotency set status = $3, headers = $4::jsonb, body = $5 where key = $1 and caller = $2");
        foreach (var value in new object[] { claim.Key, claim.Caller, response.StatusCode, JsonSerializer.Serialize(headers), body })
        {
            command.Parameters.Add(new() { Value = value });
        }
        // Not with the request: its caller may be gone, and will ask again.
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    private async Task Forget(Claim claim)
    {
        await using var command = database.CreateCommand("delete from host.idempotency where key = $1 and caller = $2");
        command.Parameters.Add(new() { Value = claim.Key });
        command.Parameters.Add(new() { Value = claim.Caller });
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    private sealed record Claim(string Key, byte[] Caller, byte[] Fingerprint);

    private sealed record Known(bool IsNew, byte[]? Fingerprint, int? Status, string? Headers, byte[]? Body);
}
