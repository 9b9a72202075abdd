using System.Text.Json;
using System.Text.Json.Nodes;

namespace EventLedger.Api.Http;

/// <summary>Reads request bodies that hold one JSON object in UTF-8.</summary>
public static class JsonBody
{
    /// <summary>The object; null when the body is larger than allowed, is no JSON, has a member twice, or is no object.</summary>
    public static async Task<JsonObject?> Read(HttpContext http, int bytesMax, CancellationToken cancellation)
    {
        if (http.Request.ContentLength > bytesMax)
        {
            return null;
        }
        var bytes = new byte[bytesMax + 1];
        var read = await http.Request.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation);
        if (read > bytesMax)
        {
            return null;
        }
        try
        {
            return JsonNode.Parse(bytes.AsSpan(0, read), documentOptions: new() { MaxDepth = 32, AllowDuplicateProperties = false }) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
