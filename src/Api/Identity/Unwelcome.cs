using EventLedger.Api.Http;

namespace EventLedger.Api.Identity;

/// <summary>Why a caller is turned away.</summary>
/// <param name="Code">A code of <see cref="ProblemCatalog"/>: 401 where the token is missing or worth nothing, 403 where it is not enough.</param>
/// <param name="Detail">What is wrong and how to mend it; never what the caller brought.</param>
public sealed record Unwelcome(string Code, string Detail)
{
    /// <summary>Answers the request. Source: RFC 6750 section 3.</summary>
    public Task Answer(HttpContext http)
    {
        http.Response.Headers.WWWAuthenticate = Code switch
        {
            "token-missing" => "Bearer",
            "scope-missing" => "Bearer error=\"insufficient_scope\"",
            "token-invalid" => "Bearer error=\"invalid_token\"",
            _ => default(Microsoft.Extensions.Primitives.StringValues),
        };
        return Problems.From(Code, Detail).ExecuteAsync(http);
    }
}
