using System.Security.Cryptography;
using EventLedger.Domain.Ledger;

namespace EventLedger.Client;

/// <summary>Makes, keeps and loads private keys: one file a key, readable by its owner alone.</summary>
public static class Keys
{
    /// <summary>A new key for one purpose; see <see cref="KeyPurpose"/>.</summary>
    public static SigningKey Generate(string purpose) => KeyPurpose.All.Contains(purpose)
        ? SigningKey.From(purpose, ECDsa.Create(ECCurve.NamedCurves.nistP256))
        : throw new ArgumentException($"'{purpose}' is no key purpose. Known: {string.Join(", ", KeyPurpose.All)}.", nameof(purpose));

    /// <summary>Writes a key file that only its owner may read (mode 0600); throws <see cref="IOException"/> when the file exists.</summary>
    public static void Save(SigningKey key, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        using var file = new FileStream(path, options);
        file.Write(key.ToFile());
        file.Flush(flushToDisk: true);
    }

    /// <summary>Loads a key file; throws <see cref="InvalidDataException"/> when it is not one.</summary>
    public static SigningKey Load(string path) => SigningKey.TryParse(File.ReadAllBytes(path), out var key)
        ? key
        : throw new InvalidDataException($"{path} is not a key file: {{\"purpose\", \"jwk\": {{kty, crv, x, y, d}}}}.");
}
