using EventLedger.Api.Host;

namespace EventLedger.Web.Site;

/// <summary>The address under which people reach a page.</summary>
public sealed class Address(LedgerOptions options)
{
    /// <summary>The full address of the page asked for.</summary>
    public string Of(HttpContext http) =>
        $"{options.BaseUrl ?? $"{http.Request.Scheme}://{http.Request.Host}"}{http.Request.Path.ToUriComponent()}{http.Request.QueryString}";
}
