using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text.Json;
using EventLedger.Api.KeyVault;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Identity;

/// <summary>
/// The key that this host signs tokens with, and the public halves of all hosts on this database. A host that finds no <c>host/token.json</c> makes one: a
/// token lives for minutes, so nothing is lost with its key.
/// </summary>
public sealed class TokenKeys(SigningKey key, IdentityTables tables, TimeProvider clock)
{
    // A key that no host has used for this long is nobody's any more.
    private static readonly TimeSpan Kept = TimeSpan.FromHours(2), ShowAgain = TimeSpan.FromMinutes(30), LookAgain = TimeSpan.FromSeconds(1);

    private volatile Known known = new(FrozenDictionary<string, Jwk>.Empty, DateTimeOffset.MinValue);
    private DateTimeOffset shown = DateTimeOffset.MinValue;

    private sealed record Known(FrozenDictionary<string, Jwk> Keys, DateTimeOffset At);

    /// <summary>Loads the host's key, or makes it.</summary>
    public static SigningKey LoadOrMake(string directory)
    {
        var path = Path.Combine(directory, $"{KeyPurpose.Token}.json");
        if (!File.Exists(path))
        {
            using var made = SigningKey.From(KeyPurpose.Token, ECDsa.Create(ECCurve.NamedCurves.nistP256));
            Durable.WriteNew(path, made.ToFile());
        }
        return SigningKey.TryParse(File.ReadAllBytes(path), out var key) && key.Purpose == KeyPurpose.Token
            ? key
            : throw new InvalidOperationException($"{path} is not a key file with purpose '{KeyPurpose.Token}'.");
    }

    /// <summary>The signing key; other hosts know it by the time it is handed out.</summary>
    public async Task<SigningKey> Current(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        if (now - shown > ShowAgain)
        {
            await tables.Run("put_token_key", cancellation, key.Public.Kid, key.Public.ToJson().ToJsonString(), now + Kept);
            shown = now;
        }
        return key;
    }

    /// <summary>A key by its thumbprint; null when no host signs with it. An unknown one is looked for once a second at most.</summary>
    public async Task<Jwk?> Find(string kid, CancellationToken cancellation)
    {
        if (kid == key.Public.Kid)
        {
            return key.Public;
        }
        var now = clock.GetUtcNow();
        var keys = known;
        if (now - keys.At > (keys.Keys.ContainsKey(kid) ? ShowAgain : LookAgain))
        {
            known = keys = new((await All(cancellation)).ToFrozenDictionary(k => k.Kid, StringComparer.Ordinal), now);
        }
        return keys.Keys.GetValueOrDefault(kid);
    }

    /// <summary>All keys that tokens are signed with at present.</summary>
    public async Task<IReadOnlyList<Jwk>> All(CancellationToken cancellation)
    {
        await Current(cancellation);
        return await tables.Read("token_keys", row =>
        {
            using var json = JsonDocument.Parse(row.GetString(0));
            return Jwk.TryParse(json.RootElement, out var jwk) ? jwk : throw new InvalidDataException("identity.token_keys holds something that is no key.");
        }, cancellation, clock.GetUtcNow());
    }
}
