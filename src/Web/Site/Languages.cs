using Microsoft.AspNetCore.Localization;

namespace EventLedger.Web.Site;

/// <summary>Finds the reader's language: what the address says, else what was chosen before, else what the browser asks for.</summary>
public static class Languages
{
    /// <summary>Member of an address that names a language.</summary>
    public const string Key = "lang";

    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(365);

    // Programs read numbers and dates in one form, whatever language they say to prefer.
    private static readonly string[] Programs = ["/r2d", "/u2s", "/o2c", "/v2m", "/ledger/v1", "/identity", "/oauth", "/status", "/openapi", "/metrics", "/health"];

    /// <summary>Sets the language of pages, and keeps one that the reader has chosen by a link: it needs no script and no form.</summary>
    public static void UseLanguages(this WebApplication app) => app.UseWhen(http => !Programs.Any(p => http.Request.Path.StartsWithSegments(p)), pages =>
    {
        pages.UseRequestLocalization(Set);
        pages.Use((http, next) =>
        {
            if (http.Request.Query[Key].ToString() is { Length: > 0 } chosen && Tongue.Names.ContainsKey(chosen))
            {
                http.Response.Cookies.Append(Tongue.Cookie, chosen, new() { SameSite = SameSiteMode.Lax, Secure = http.Request.IsHttps, HttpOnly = true, IsEssential = true, MaxAge = KeptFor, Path = "/" });
            }
            if (!Path.HasExtension(http.Request.Path))
            {
                http.Response.Headers.Append("Vary", "Accept-Language, Cookie");
            }
            return next(http);
        });
    });

    /// <summary>The query of an address without the language: what is copied, printed or scanned should speak to each reader in their own.</summary>
    public static QueryString Without(IQueryCollection query) => QueryString.Create(query.Where(q => q.Key != Key));

    private static void Set(RequestLocalizationOptions options)
    {
        string[] all = [.. Tongue.Names.Keys];
        options.SetDefaultCulture("en").AddSupportedCultures(all).AddSupportedUICultures(all);
        options.ApplyCurrentCultureToResponseHeaders = true;
        options.RequestCultureProviders = [new QueryStringRequestCultureProvider { QueryStringKey = Key, UIQueryStringKey = Key }, new Chosen(), new AcceptLanguageHeaderRequestCultureProvider()];
    }

    private sealed class Chosen : RequestCultureProvider
    {
        public override Task<ProviderCultureResult?> DetermineProviderCultureResult(HttpContext httpContext) =>
            Task.FromResult(httpContext.Request.Cookies[Tongue.Cookie] is { } chosen && Tongue.Names.ContainsKey(chosen) ? new ProviderCultureResult(chosen) : null);
    }
}
