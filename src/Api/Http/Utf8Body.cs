using System.Text;
using System.Text.Json;
using EventLedger.Domain.Kernel;

namespace EventLedger.Api.Http;

/// <summary>Request bodies of JSON, which is UTF-8: what people write has other letters than ASCII.</summary>
public static class Utf8Body
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a JSON object; a refusal when the body is too large, of another type, or no object without duplicate names.</summary>
    /// <param name="request">The request.</param>
    /// <param name="bytesMax">Most bytes.</param>
    /// <param name="form">What it should be, for who reads the refusal.</param>
    /// <param name="cancellation">Stops reading.</param>
    public static async Task<(IResult? Refusal, JsonElement Json)> Object(HttpRequest request, int bytesMax, string form, CancellationToken cancellation)
    {
        if (request.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) != true)
        {
            return (Problems.From("media-type", "Send the body as application/json."), default);
        }
        using var body = new MemoryStream();
        var buffer = new byte[16_384];
        while (await request.Body.ReadAsync(buffer, cancellation) is > 0 and var read)
        {
            if (body.Length + read > bytesMax)
            {
                return (Problems.From("body-too-large", $"The body has at most {bytesMax} bytes."), default);
            }
            body.Write(buffer, 0, read);
        }
        return IsUtf8(body.ToArray()) && Jcs.TryParse(body.ToArray()) is { RootElement: { ValueKind: JsonValueKind.Object } json }
            ? (null, json)
            : (Problems.From("request-malformed", form), default);
    }

    private static bool IsUtf8(byte[] bytes)
    {
        try
        {
            Strict.GetCharCount(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}
