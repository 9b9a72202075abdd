using System.Text.Json;
using EventLedger.Api.Host;
using EventLedger.Domain.Ledger;
using Microsoft.AspNetCore.Identity;

namespace EventLedger.Api.Identity;

/// <summary>A key that a person brought, in the words of <c>role_bound</c>: operators put this into the event that they sign.</summary>
/// <param name="Kid">Its thumbprint.</param>
/// <param name="Kind"><c>passkey</c>, <c>browser</c> or <c>cli</c>.</param>
/// <param name="Jwk">The public half.</param>
/// <param name="Pseudonym">Whose it is.</param>
/// <param name="IsBound">Whether the ledger binds it to the person now.</param>
public sealed record PersonKey(string Kid, string Kind, JsonElement Jwk, string Pseudonym, bool IsBound);

/// <summary>What a person could sign with: passkeys and browser keys that were enrolled here, and every key that the ledger has.</summary>
public sealed class PersonKeys(UserManager<Account> users, Accounts accounts, IdentityTables tables, HostState state, LedgerHead head)
{
    /// <summary>All of a person's keys.</summary>
    public async Task<IReadOnlyList<PersonKey>> Of(string pseudonym, CancellationToken cancellation)
    {
        var keys = new Dictionary<string, PersonKey>(StringComparer.Ordinal);
        foreach (var key in state.Registry.Keys.Values.Where(k => k.Owner == pseudonym && k.Purpose == KeyPurpose.Operator))
        {
            keys[key.Jwk.Kid] = Describe(key.Jwk, key.Kind.ToString().ToLowerInvariant(), pseudonym);
        }
        foreach (var jwk in await tables.Read("browser_keys", row => Read(row.GetString(0)), cancellation, pseudonym))
        {
            keys.TryAdd(jwk.Kid, Describe(jwk, "browser", pseudonym));
        }
        foreach (var passkey in await accounts.Of(pseudonym) is { } account ? await users.GetPasskeysAsync(account) : [])
        {
            if (PasskeyJwk.TryRead(passkey.PublicKey, out var jwk))
            {
                keys.TryAdd(jwk.Kid, Describe(jwk, "passkey", pseudonym));
            }
        }
        return [.. keys.Values.OrderBy(k => k.Kid, StringComparer.Ordinal)];
    }

    /// <summary>A key as operators bind it.</summary>
    public PersonKey Describe(Jwk jwk, string kind, string pseudonym)
    {
        using var json = JsonDocument.Parse(jwk.ToJson().ToJsonString());
        return new(jwk.Kid, kind, json.RootElement.Clone(), pseudonym, IsBound(jwk, pseudonym));
    }

    /// <summary>Whether the ledger binds a key to a person now.</summary>
    public bool IsBound(Jwk jwk, string pseudonym)
    {
        var (registry, seq) = state.Now;
        return registry.Keys.TryGetValue(jwk.Kid, out var key) && key.Owner == pseudonym && key.Purpose == KeyPurpose.Operator && key.IsValidAt(seq + 1, head.Header.Time);
    }

    private static Jwk Read(string text)
    {
        using var json = JsonDocument.Parse(text);
        return Jwk.TryParse(json.RootElement, out var jwk) ? jwk : throw new InvalidDataException("identity.browser_keys holds something that is no key.");
    }
}
