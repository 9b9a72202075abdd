using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EventLedger.Api.Http;

/// <summary>JSON answers.</summary>
public static class Json
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>200 with a JSON object.</summary>
    public static IResult Ok(JsonNode body) => Status(StatusCodes.Status200OK, body);

    /// <summary>Another status with a JSON object.</summary>
    public static IResult Status(int status, JsonNode body, string contentType = "application/json") =>
        TypedResults.Text(Encoding.UTF8.GetBytes(body.ToJsonString(Plain)), contentType, status);

    /// <summary>Another status with bytes that are JSON already.</summary>
    public static IResult Status(int status, byte[] body, string contentType = "application/json") => TypedResults.Text(body, contentType, status);

    /// <summary>200 with bytes that are JSON already.</summary>
    public static IResult Raw(byte[] body, string contentType = "application/json") => TypedResults.Bytes(body, contentType);
}
