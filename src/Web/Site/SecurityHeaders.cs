using EventLedger.Api.Host;
using EventLedger.Web.Staff;

namespace EventLedger.Web.Site;

/// <summary>Tells browsers to run and load nothing but what this host serves. Source: OWASP ASVS 5.0 V3.4.</summary>
/// <remarks>A start-up filter stands in front of every handler, and the headers are written last: an error handler clears what was written before it.</remarks>
public sealed class SecurityHeaders(LedgerOptions options) : IStartupFilter
{
    private const string Policy = Common + "; base-uri 'none'";
    private const string Common = "default-src 'self'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";
    // Circuits are found from the root by the page's own base.
    private const string StaffPolicy = Common + "; base-uri 'self'";
    private const string CounterPath = "/staff/desk/counter";
    private const string YearOfTls = "max-age=31536000; includeSubDomains";

    /// <inheritdoc/>
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((http, following) =>
        {
            http.Response.OnStarting(Write, http);
            return following(http);
        });
        next(app);
    };

    private Task Write(object state)
    {
        var http = (HttpContext)state;
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = http.Request.Path.StartsWithSegments(StaffHost.Root) ? StaffPolicy : Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        // At the counter a code is scanned; nothing else here looks or listens.
        headers["Permissions-Policy"] = $"camera={(http.Request.Path == CounterPath ? "(self)" : "()")}, geolocation=(), microphone=()";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        if (options.IsPublicByTls || http.Request.IsHttps)
        {
            headers.StrictTransportSecurity = YearOfTls;
        }
        return Task.CompletedTask;
    }
}
