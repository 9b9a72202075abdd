using System.Net.Security;
using System.Security.Claims;
using EventLedger.Api.Host;
using EventLedger.Api.Http;
using EventLedger.Api.Identity;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace EventLedger.Web.Staff;

/// <summary>Puts the staff portal together: pages under <c>/staff</c>, for people with a session, each for the roles that it names.</summary>
public static class StaffHost
{
    /// <summary>Where the portal is.</summary>
    public const string Root = "/staff";

    /// <summary>Registers what its pages use.</summary>
    public static void AddStaff(this IServiceCollection services, LedgerOptions options)
    {
        services.AddRazorComponents().AddInteractiveServerComponents();
        services.AddCascadingAuthenticationState();
        services.AddAuthentication(StaffSession.Name).AddScheme<AuthenticationSchemeOptions, StaffSession>(StaffSession.Name, null);
        services.AddAuthorization();
        // Forms that were opened before a restart must be good after it.
        services.AddDataProtection().SetApplicationName("eventledger").PersistKeysToFileSystem(Directory.CreateDirectory(Path.Combine(options.Data, "host", "protection")));
        services.AddHttpClient(StaffLedger.Home, c => c.Timeout = TimeSpan.FromMinutes(5)).RemoveAllLoggers().ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
        {
            UseProxy = false, UseCookies = false, AllowAutoRedirect = false,
            // Whom it calls is this very process, by an address that is not the public name on its certificate.
            SslOptions = { RemoteCertificateValidationCallback = (_, _, _, errors) => (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None },
        });
        services.AddScoped<StaffLedger>();
        services.AddScoped<AccountDesk>();
        services.AddScoped<Registrar.DeskLedger>();
        services.AddScoped<HealthDesk>();
        services.AddScoped<AccessDesk>();
    }

    /// <summary>What a person sees is theirs alone; the framework itself asks for the roles that pages name.</summary>
    public static void UseStaff(this WebApplication app) => app.UseWhen(http => http.Request.Path.StartsWithSegments(Root), staff => staff.Use((http, next) =>
    {
        http.Response.Headers.CacheControl = "no-store";
        return next(http);
    }));

    /// <summary>Maps what is no page.</summary>
    public static void MapStaff(this WebApplication app)
    {
        var staff = app.MapGroup(Root).Need(Policy.Public).ExcludeFromDescription();
        staff.MapPost("/session", Begin).AllowAnonymous();
        staff.MapPost("/sign-out", End).AllowAnonymous();
        staff.MapPost("/language", Speak).AllowAnonymous();
        Registrar.BatchEndpoints.Map(staff);
        staff.MapGet("/file", Pass).RequireAuthorization();
        staff.MapGet("/export", Watch.ListExport.Write).RequireAuthorization();
    }

    // The browser has signed in and holds the session's secret; from here on the cookie holds it, where no script can read it.
    private static async Task<IResult> Begin([FromForm] string session, [FromForm] string? next, HttpContext http, Sessions sessions, LedgerOptions options, CancellationToken cancellation)
    {
        if (await sessions.BySecret(session, cancellation) is not { } begun)
        {
            return TypedResults.LocalRedirect("~/staff/sign-in?failed=true");
        }
        http.Response.Cookies.Append(StaffSession.Cookie, session, new()
        {
            HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = http.Request.IsHttps || options.IsPublicByTls, IsEssential = true, Expires = begun.Until.Moment, Path = "/",
        });
        return TypedResults.LocalRedirect("~" + (IsOurs(next) ? next : begun.Strength == Strength.Unbound ? "/staff/account" : Root));
    }

    private static async Task<RedirectHttpResult> End([FromForm] string? _, HttpContext http, ClaimsPrincipal person, Sessions sessions, CancellationToken cancellation)
    {
        if (person.FindFirstValue("session") is { } id)
        {
            await sessions.End(id, person.FindFirstValue(ClaimTypes.NameIdentifier)!, cancellation);
        }
        http.Response.Cookies.Delete(StaffSession.Cookie);
        return TypedResults.LocalRedirect("~/staff/sign-in?ended=true");
    }

    private static RedirectHttpResult Speak([FromForm] string language, [FromForm] string? next, HttpContext http)
    {
        if (Site.Tongue.Names.ContainsKey(language))
        {
            http.Response.Cookies.Append(Site.Tongue.Cookie, language, new() { SameSite = SameSiteMode.Lax, IsEssential = true, MaxAge = TimeSpan.FromDays(365) });
        }
        return TypedResults.LocalRedirect("~" + (IsOurs(next) ? next : "/"));
    }

    // A file of the API for the person who has signed in: a browser cannot put a token on a download. It is passed on as it comes, whatever its length.
    private static async Task Pass(string path, HttpContext http, StaffLedger ledger, AuthenticationStateProvider who, CancellationToken cancellation)
    {
        // Pages are told by the framework who looks at them; a file is told here.
        ((IHostEnvironmentAuthenticationStateProvider)who).SetAuthenticationState(Task.FromResult(new AuthenticationState(http.User)));
        if (!path.StartsWith('/') || path.StartsWith("//", StringComparison.Ordinal) || path.Split('/', 3)[1] is not ("r2d" or "u2s" or "o2c" or "v2m" or "ledger"))
        {
            await Problems.From("not-found", "Only addresses of the reference points are passed on.").ExecuteAsync(http);
            return;
        }
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        if (http.Request.Query["as"].ToString() is { Length: > 0 } type)
        {
            request.Headers.TryAddWithoutValidation("Accept", type);
        }
        using var answer = await ledger.Raw(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        http.Response.StatusCode = (int)answer.StatusCode;
        http.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
        if (http.Request.Query["name"].ToString() is { Length: > 0 } name && answer.IsSuccessStatusCode)
        {
            http.Response.Headers.ContentDisposition = new System.Net.Mime.ContentDisposition { FileName = Path.GetFileName(name) }.ToString();
        }
        await answer.Content.CopyToAsync(http.Response.Body, cancellation);
    }

    private static bool IsOurs(string? path) => path is ['/', ..] && !path.StartsWith("//", StringComparison.Ordinal) && !path.StartsWith("/\\", StringComparison.Ordinal);
}
