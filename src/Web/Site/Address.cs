using EventLedger.Api.Host;

namespace EventLedger.Web.Site;

/// <summary>The address under which people reach a page.</summary>
public sealed class Address(LedgerOptions options)
{
    /// <summary>The full address of the page asked for, without the reader's language.</summary>
    public string Of(HttpContext http) => $"{Root(http)}{http.Request.Path.ToUriComponent()}{Languages.Without(http.Request.Query)}";

    /// <summary>Where this site is, without a slash at the end.</summary>
    public string Root(HttpContext http) => options.BaseUrl ?? $"{http.Request.Scheme}://{http.Request.Host}";
}
