using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;
using EventLedger.Api.Http;
using EventLedger.Domain.Kernel;

namespace EventLedger.Web.Site;

/// <summary>
/// The site's few files, carried inside the assembly: wherever the host is started from, they are there, and each is the one that was built with it.
/// </summary>
public sealed class Assets
{
    private const string Prefix = "wwwroot/", Brotli = "br";

    private readonly FrozenDictionary<string, Asset> files = Read();

    private sealed record Asset(byte[] Bytes, byte[] Packed, string Type, string Tag);

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
        // Packed once at start: a phone on a bad network gets a third of the bytes, and nothing secret stands in these files.
        var packed = http.Request.GetTypedHeaders().AcceptEncoding.Any(e => e.Value == Brotli && e.Quality is not 0);
        var tag = $"\"{file.Tag}{(packed ? "-" + Brotli : "")}\"";
        http.Response.Headers.ETag = tag;
        http.Response.Headers.Vary = "Accept-Encoding";
        http.Response.Headers.CacheControl = http.Request.Query["v"] == file.Tag ? "public, max-age=31536000, immutable" : "no-cache";
        if (http.Request.Headers.IfNoneMatch.Contains(tag))
        {
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        }
        if (packed)
        {
            http.Response.Headers.ContentEncoding = Brotli;
        }
        return TypedResults.Bytes(packed ? file.Packed : file.Bytes, file.Type);
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
            files[resource[Prefix.Length..]] = new(bytes, Pack(bytes), TypeOf(resource), B64.Encode(SHA256.HashData(bytes).AsSpan(0, 9)));
        }
        return files.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static byte[] Pack(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.Optimal))
        {
            brotli.Write(bytes);
        }
        return packed.ToArray();
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".css" => "text/css; charset=utf-8",
        ".mjs" or ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "application/octet-stream",
    };
}
