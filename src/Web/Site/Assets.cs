using System.Collections.Frozen;
using System.Security.Cryptography;
using EventLedger.Api.Http;
using EventLedger.Domain.Kernel;

namespace EventLedger.Web.Site;

/// <summary>
/// The site's few files, carried inside the assembly: wherever the host is started from, they are there, and each is the one that was built with it.
/// </summary>
public sealed class Assets
{
    private const string Prefix = "wwwroot/";

    private readonly FrozenDictionary<string, Asset> files = Read();

    private sealed record Asset(byte[] Bytes, string Type, string Tag);

    /// <summary>Address of a file, which changes with its content, so that browsers may keep it for ever.</summary>
    public string Href(string name) => $"/{name}?v={files[name].Tag}";

    /// <summary>Serves each file at the root.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (var (name, file) in files)
        {
            routes.MapGet($"/{name}", (HttpContext http) => Serve(http, file)).Need(Policy.Public).ExcludeFromDescription();
        }
    }

    private static IResult Serve(HttpContext http, Asset file)
    {
        var tag = $"\"{file.Tag}\"";
        http.Response.Headers.ETag = tag;
        http.Response.Headers.CacheControl = http.Request.Query["v"] == file.Tag ? "public, max-age=31536000, immutable" : "no-cache";
        return http.Request.Headers.IfNoneMatch.Contains(tag) ? TypedResults.StatusCode(StatusCodes.Status304NotModified) : TypedResults.Bytes(file.Bytes, file.Type);
    }

    private static FrozenDictionary<string, Asset> Read()
    {
        var here = typeof(Assets).Assembly;
        var files = new Dictionary<string, Asset>(StringComparer.Ordinal);
        foreach (var resource in here.GetManifestResourceNames().Where(r => r.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var stream = here.GetManifestResourceStream(resource)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            files[resource[Prefix.Length..]] = new(bytes, TypeOf(resource), B64.Encode(SHA256.HashData(bytes).AsSpan(0, 9)));
        }
        return files.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".css" => "text/css; charset=utf-8",
        ".mjs" or ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "application/octet-stream",
    };
}
