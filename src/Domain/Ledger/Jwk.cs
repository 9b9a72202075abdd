using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>A public P-256 key as a JWK; its id is its thumbprint. Source: RFC 7517, RFC 7518 section 6.2, RFC 7638.</summary>
public sealed class Jwk : IEquatable<Jwk>
{
    // Importing a key costs as much as a verification, so each thread keeps the keys it met; ECDsa objects are not for sharing.
    [ThreadStatic]
    private static Dictionary<string, ECDsa>? imported;

    private const int ImportedMax = 1024;

    private Jwk(string x, string y)
    {
        (X, Y) = (x, y);
        Kid = B64.Encode(SHA256.HashData(Encoding.ASCII.GetBytes($$"""{"crv":"P-256","kty":"EC","x":"{{x}}","y":"{{y}}"}""")));
    }

    /// <summary>The x coordinate: 32 bytes as base64url.</summary>
    public string X { get; }

    /// <summary>The y coordinate: 32 bytes as base64url.</summary>
    public string Y { get; }

    /// <summary>Thumbprint: base64url of SHA-256 over the required members.</summary>
    public string Kid { get; }

    /// <summary>Takes coordinates; false when they are not 32 canonical bytes each or not a point of the curve.</summary>
    public static bool TryCreate(string? x, string? y, [NotNullWhen(true)] out Jwk? jwk)
    {
        jwk = null;
        if (!B64.TryDecode(x, out var xs) || !B64.TryDecode(y, out var ys) || xs.Length != 32 || ys.Length != 32)
        {
            return false;
        }
        try
        {
            using var _ = ECDsa.Create(Parameters(xs, ys));
        }
        catch (CryptographicException)
        {
            return false;
        }
        jwk = new(x!, y!);
        return true;
    }

    /// <summary>Reads exactly <c>{kty:"EC", crv:"P-256", x, y}</c>; anything else, a private member above all, is refused.</summary>
    public static bool TryParse(JsonElement json, [NotNullWhen(true)] out Jwk? jwk)
    {
        jwk = null;
        return Members.TryRead(json, out var m, "crv", "kty", "x", "y")
            && m.TryText("kty", out var kty) && kty == "EC" && m.TryText("crv", out var crv) && crv == "P-256"
            && m.TryText("x", out var x) && m.TryText("y", out var y) && TryCreate(x, y, out jwk);
    }

    /// <summary>The key of an ECDSA or ECDH object.</summary>
    public static Jwk From(ECParameters parameters) => TryCreate(B64.Encode(parameters.Q.X), B64.Encode(parameters.Q.Y), out var jwk)
        ? jwk
        : throw new CryptographicException("Not a P-256 key.");

    /// <summary>The JWK object, members in canonical order.</summary>
    public JsonObject ToJson() => new() { ["crv"] = "P-256", ["kty"] = "EC", ["x"] = X, ["y"] = Y };

    /// <summary>Whether this key signed the bytes: ES256, signature as r ‖ s (64 bytes). Source: RFC 7518 section 3.4.</summary>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) => signature.Length == 64 && Import().VerifyData(data, signature, HashAlgorithmName.SHA256);

    /// <summary>The same for a signature in ASN.1 DER, as WebAuthn writes it.</summary>
    public bool VerifyDer(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        Import().VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    /// <summary>The X.509 subject public key info in DER.</summary>
    public byte[] ToSpki() => Import().ExportSubjectPublicKeyInfo();

    /// <inheritdoc />
    public bool Equals(Jwk? other) => other is not null && X == other.X && Y == other.Y;

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as Jwk);

    /// <inheritdoc />
    public override int GetHashCode() => Kid.GetHashCode(StringComparison.Ordinal);

    private ECDsa Import()
    {
        var keys = imported ??= [];
        if (keys.TryGetValue(Kid, out var key))
        {
            return key;
        }
        if (keys.Count >= ImportedMax)
        {
            foreach (var old in keys.Values)
            {
                old.Dispose();
            }
            keys.Clear();
        }
        B64.TryDecode(X, out var x);
        B64.TryDecode(Y, out var y);
        return keys[Kid] = ECDsa.Create(Parameters(x!, y!));
    }

    private static ECParameters Parameters(byte[] x, byte[] y) => new() { Curve = ECCurve.NamedCurves.nistP256, Q = new() { X = x, Y = y } };
}
