using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventLedger.Api.Provisioning.Answers;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Http;

/// <summary>Answers as HTTP: JSON with an ETag, 304 where the asker has it already, problems as such.</summary>
public static class Reply
{
    internal static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new TimeAsText() },
    };

    /// <summary>The value as JSON, or the problem.</summary>
    /// <param name="http">The request.</param>
    /// <param name="answer">What came back.</param>
    /// <param name="status">Status of a value.</param>
    public static IResult Json<T>(HttpContext http, Answer<T> answer, int status = StatusCodes.Status200OK)
        where T : class =>
        answer.Value is { } value ? Bytes(http, JsonSerializer.SerializeToUtf8Bytes(value, Options), "application/json", status) : Problem(answer.Problem!);

    /// <summary>A value as it stands in answers.</summary>
    public static byte[] ToBytes<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, Options);

    /// <summary>A proof bundle in its canonical bytes.</summary>
    public static IResult Proof(HttpContext http, Answer<ProofBundle> answer)
    {
        if (answer.Value is not { } bundle)
        {
            return Problem(answer.Problem!);
        }
        return File(http, bundle.ToBytes(), ProofBundle.MediaType, $"record-{bundle.Entry.Seq}.proof.json");
    }

    /// <summary>Bytes that are kept as a file.</summary>
    public static IResult File(HttpContext http, byte[] body, string contentType, string name)
    {
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}\"";
        return Bytes(http, body, contentType, StatusCodes.Status200OK);
    }

    /// <summary>A problem.</summary>
    public static IResult Problem(Problem problem) => Problems.From(problem.Code, problem.Detail, [.. problem.Extra]);

    private static IResult Bytes(HttpContext http, byte[] body, string contentType, int status)
    {
        var tag = $"\"{B64.Encode(SHA256.HashData(body).AsSpan(0, 15))}\"";
        http.Response.Headers.ETag = tag;
        http.Response.Headers.CacheControl = "no-cache";
        if (http.Request.Headers.IfNoneMatch.Contains(tag))
        {
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        }
        http.Response.StatusCode = status;
        return TypedResults.Bytes(body, contentType);
    }

    private sealed class TimeAsText : JsonConverter<LedgerTime>
    {
        public override LedgerTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => LedgerTime.Parse(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, LedgerTime value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
