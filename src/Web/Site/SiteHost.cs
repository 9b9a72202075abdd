using EventLedger.Api.Http;
using EventLedger.Api.Provisioning;
using EventLedger.Domain.Ledger;
using EventLedger.Web.Staff;
using EventLedger.Web.Site.Pages;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EventLedger.Web.Site;

/// <summary>Puts the public pages together: plain HTML from the server, complete without any script.</summary>
public static class SiteHost
{
    /// <summary>Registers what pages use.</summary>
    public static void AddSite(this IServiceCollection services)
    {
        services.AddRazorComponents();
        services.AddSingleton<Tongue>();
        services.AddSingleton<Assets>();
        services.AddSingleton<Address>();
        services.AddSingleton<IStartupFilter, SecurityHeaders>();
    }

    /// <summary>Maps pages and files.</summary>
    public static void MapSite(this WebApplication app)
    {
        // First of all, so that pages about problems speak the reader's language too.
        app.UseLanguages();
        // A person gets a page where a program gets a problem document.
        app.UseWhen(IsPerson, people =>
        {
            people.UseExceptionHandler(new ExceptionHandlerOptions { CreateScopeForErrors = true, ExceptionHandler = http => new RazorComponentResult<Broken>().ExecuteAsync(http) });
            people.UseStatusCodePages(context => context.HttpContext.Response.StatusCode == StatusCodes.Status404NotFound
                ? new RazorComponentResult<Missing>().ExecuteAsync(context.HttpContext)
                : Task.CompletedTask);
            // The API has this address too, for programs: plain text.
            people.Use((http, next) => http.Request.Path.StartsWithSegments("/problems", out var rest) ? Problem(rest).ExecuteAsync(http) : next(http));
        });
        app.UseStaff();
        app.UseAntiforgery();
        app.Services.GetRequiredService<Assets>().Map(app);
        var pages = app.MapRazorComponents<Root>().AddInteractiveServerRenderMode().Need(Policy.Public);
        pages.Finally(WithoutCircuit);
        app.MapStaff();
        app.MapPost("/verify/file", Verify).Need(Policy.Public).DisableAntiforgery().ExcludeFromDescription();
        app.MapGet("/conformance.json", ConformanceRow.File).Need(Policy.Public).ExcludeFromDescription();
        app.MapGet("/verify/file", () => TypedResults.Redirect("/verify")).Need(Policy.Public).ExcludeFromDescription();
    }

    // Where one page has a circuit, the framework writes the state for it, ciphertext that is another each time, under every page, unless this metadata of its own says
    // that no circuit is configured there. Public pages have none.
    private static void WithoutCircuit(EndpointBuilder page)
    {
        if (page is RouteEndpointBuilder { RoutePattern.RawText: { } route } && !$"{route}/".StartsWith($"{StaffHost.Root}/", StringComparison.Ordinal)
            && page.Metadata.FirstOrDefault(m => m.GetType().Name == "ConfiguredRenderModesMetadata") is { } modes)
        {
            page.Metadata[page.Metadata.IndexOf(modes)] = Activator.CreateInstance(modes.GetType(), [Array.Empty<IComponentRenderMode>()])!;
        }
    }

    private static IResult Problem(PathString rest)
    {
        var code = (rest.Value ?? "").TrimStart('/');
        return code.Length == 0 || ProblemCatalog.All.ContainsKey(code) ? new RazorComponentResult<ProblemCode>(new { Code = code }) : new RazorComponentResult<Missing>();
    }

    private static bool IsPerson(HttpContext http) =>
        HttpMethods.IsGet(http.Request.Method) && http.Request.Headers.Accept.Any(a => a?.Contains("text/html", StringComparison.Ordinal) == true);

    // For browsers without script. It changes nothing and knows nobody, so a forged form gains nothing.
    private static async Task<RazorComponentResult<Verify>> Verify(IFormFile? file, PublicLedger ledger, Tongue words, CancellationToken cancellation)
    {
        if (file is null || file.Length is 0 or > ProofVerifier.SizeBytesMax)
        {
            return new(new { Hint = words["Choose a proof file of at most 4 MB."] });
        }
        if (file.ContentType.StartsWith("image/", StringComparison.Ordinal))
        {
            return new(new { Hint = words["That is a picture. Without scripts this page cannot read the code in it: point your phone’s camera at the code, or type the number that stands beside it."] });
        }
        using var bytes = new MemoryStream();
        await file.CopyToAsync(bytes, cancellation);
        return new(new { Judged = ledger.Verify(bytes.ToArray()), FileName = file.FileName });
    }
}
