using System.Security.Cryptography;
using System.Text;
using EventLedger.Api.KeyVault;
using EventLedger.Domain.Kernel;

namespace EventLedger.Api.Identity;

/// <summary>
/// Hides the secrets of one-time codes from whoever reads the database: AES-256-GCM under a key that lies in the vault's directory, bound to the account, so
/// that a row copied under another name opens nothing. All hosts of one database share the vault and so the key.
/// </summary>
/// <remarks>Source: NIST SP 800-38D; NIST SP 800-63B section 3.2.12; OWASP ASVS 5.0 V13.3.1.</remarks>
public sealed class AccountSecrets : IDisposable
{
    /// <summary>What every hidden secret begins with; base32 has no dot.</summary>
    public const string Mark = "v1.";

    private const int KeyBytes = 32, NonceBytes = 12, TagBytes = 16;

    private readonly AesGcm cipher;

    private AccountSecrets(byte[] key) => cipher = new(key, TagBytes);

    /// <summary>Takes the key from a directory, or makes one there. Throws <see cref="InvalidDataException"/> when the file is none.</summary>
    public static AccountSecrets Open(string directory)
    {
        Durable.MakeFolder(directory);
        var path = Path.Combine(directory, "accounts.key");
        if (!File.Exists(path))
        {
            try
            {
                Durable.WriteNew(path, RandomNumberGenerator.GetBytes(KeyBytes));
            }
            catch (IOException) when (File.Exists(path))
            {
                // Another host was faster; its key is ours.
            }
        }
        var key = File.ReadAllBytes(path);
        return key.Length == KeyBytes ? new(key) : throw new InvalidDataException($"{path} must have {KeyBytes} bytes.");
    }

    /// <summary>A secret as it may stand in the database.</summary>
    /// <param name="account">Whose it is.</param>
    /// <param name="secret">The secret.</param>
    public string Hide(string account, string secret)
    {
        var text = Encoding.UTF8.GetBytes(secret);
        var box = new byte[NonceBytes + text.Length + TagBytes];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceBytes));
        cipher.Encrypt(box.AsSpan(0, NonceBytes), text, box.AsSpan(NonceBytes, text.Length), box.AsSpan(NonceBytes + text.Length), Encoding.UTF8.GetBytes(account));
        return Mark + B64.Encode(box);
    }

    /// <summary>The secret again; null when it is another account's, was changed, or was hidden under another key.</summary>
    public string? Show(string account, string hidden)
    {
        if (!hidden.StartsWith(Mark, StringComparison.Ordinal) || !B64.TryDecode(hidden.AsSpan(Mark.Length), out var box) || box.Length < NonceBytes + TagBytes)
        {
            return null;
        }
        var text = new byte[box.Length - NonceBytes - TagBytes];
        try
        {
            cipher.Decrypt(box.AsSpan(0, NonceBytes), box.AsSpan(NonceBytes, text.Length), box.AsSpan(NonceBytes + text.Length), text, Encoding.UTF8.GetBytes(account));
            return Encoding.UTF8.GetString(text);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => cipher.Dispose();
}
