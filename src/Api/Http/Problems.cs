using System.Text.Json.Nodes;

namespace EventLedger.Api.Http;

/// <summary>Every error of the API as RFC 9457 <c>application/problem+json</c>, <c>type</c> = <c>/problems/{code}</c>.</summary>
public static class Problems
{
    /// <summary>The media type.</summary>
    public const string MediaType = "application/problem+json";

    /// <summary>Seconds after which a busy or read-only host may be asked again.</summary>
    private const string RetryAfterSeconds = "2";

    /// <summary>An error by its code; title and status come from <see cref="ProblemCatalog"/>.</summary>
    /// <param name="code">A code of the catalog.</param>
    /// <param name="detail">What is wrong here, for the person who reads it.</param>
    /// <param name="extra">Further members.</param>
    public static IResult From(string code, string detail, params ReadOnlySpan<(string Name, JsonNode? Value)> extra)
    {
        var (status, title) = ProblemCatalog.Of(code);
        var body = ToJson(code, detail);
        body["status"] = status;
        body["title"] = title;
        foreach (var (name, value) in extra)
        {
            body[name] = value;
        }
        var result = Json.Status(status, body, MediaType);
        return status == StatusCodes.Status503ServiceUnavailable ? new Later(result) : result;
    }

    /// <summary>The short form that stands in a bulk answer's line.</summary>
    public static JsonObject ToJson(string code, string detail) => new() { ["type"] = $"/problems/{code}", ["code"] = code, ["detail"] = detail };

    private sealed class Later(IResult result) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.RetryAfter = RetryAfterSeconds;
            return result.ExecuteAsync(httpContext);
        }
    }
}
