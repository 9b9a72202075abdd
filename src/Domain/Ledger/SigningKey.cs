using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>A private P-256 key with the one purpose that it serves, as a key file holds it: <c>{purpose, jwk}</c>.</summary>
public sealed class SigningKey : IDisposable
{
    private readonly ECDsa key;
    private readonly Lock gate = new();

    private SigningKey(string purpose, ECDsa key)
    {
        (Purpose, this.key) = (purpose, key);
        Public = Jwk.From(key.ExportParameters(false));
    }

    /// <summary>What the key may sign.</summary>
    public string Purpose { get; }

    /// <summary>The public half.</summary>
    public Jwk Public { get; }

    /// <summary>Takes over a key object.</summary>
    public static SigningKey From(string purpose, ECDsa key) => new(purpose, key);

    /// <summary>Reads a key file; false when it is not <c>{purpose, jwk:{kty, crv, x, y, d}}</c> with a known purpose.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> file, [NotNullWhen(true)] out SigningKey? signingKey)
    {
        signingKey = null;
        using var document = Jcs.TryParse(file);
        if (document is null || !Members.TryRead(document.RootElement, out var m, "jwk", "purpose")
            || !m.TryText("purpose", out var purpose) || !KeyPurpose.All.Contains(purpose)
            || !Members.TryRead(m["jwk"], out var jwk, "crv", "d", "kty", "x", "y")
            || !jwk.TryText("x", out var x) || !jwk.TryText("y", out var y) || !jwk.TryText("d", out var d)
            || !Jwk.TryCreate(x, y, out var point) || !B64.TryDecode(x, out var xs) || !B64.TryDecode(y, out var ys) || !B64.TryDecode(d, out var ds))
        {
            return false;
        }
        try
        {
            signingKey = new(purpose, ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = ds, Q = new() { X = xs, Y = ys } }));
        }
        catch (CryptographicException)
        {
            return false;
        }
        return point.Equals(signingKey.Public);
    }

    /// <summary>The key file's bytes. They are a secret.</summary>
    public byte[] ToFile()
    {
        var p = key.ExportParameters(true);
        return Encoding.UTF8.GetBytes(new JsonObject
        {
            ["purpose"] = Purpose,
            ["jwk"] = new JsonObject { ["kty"] = "EC", ["crv"] = "P-256", ["x"] = Public.X, ["y"] = Public.Y, ["d"] = B64.Encode(p.D) },
        }.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
    }

    /// <summary>ES256: r ‖ s, 64 bytes.</summary>
    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        lock (gate)
        {
            return key.SignData(data, HashAlgorithmName.SHA256);
        }
    }

    /// <summary>Compact JWS over a payload. Source: RFC 7515 section 7.1.</summary>
    public string SignJws(string typ, ReadOnlySpan<byte> payload)
    {
        var header = Encoding.ASCII.GetBytes($$"""{"alg":"ES256","kid":"{{Public.Kid}}","typ":"{{typ}}"}""");
        var input = B64.Encode(header) + "." + B64.Encode(payload);
        return input + "." + B64.Encode(Sign(Encoding.ASCII.GetBytes(input)));
    }

    /// <summary>The key as parameters, for the one caller that must make a TLS certificate of it.</summary>
    public ECParameters Export() => key.ExportParameters(true);

    /// <inheritdoc />
    public void Dispose() => key.Dispose();
}
