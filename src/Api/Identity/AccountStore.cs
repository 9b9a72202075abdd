using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace EventLedger.Api.Identity;

/// <summary>The library's store of accounts, but that secrets of one-time codes go in and out hidden: the one that counts, and a new one that waits to be shown to work.</summary>
public sealed class AccountStore(AccountContext accounts, AccountSecrets secrets, IdentityErrorDescriber words)
    : UserOnlyStore<Account, AccountContext, string, IdentityUserClaim<string>, IdentityUserLogin<string>, IdentityUserToken<string>, IdentityUserPasskey<string>>(accounts, words)
{
    // As the library calls its row.
    private const string SecretName = "AuthenticatorKey", Library = "[AspNetUserStore]", WaitingName = "WaitingAuthenticatorKey";

    /// <summary>While it is true, codes are held to the secret that waits, where there is one.</summary>
    public bool IsConfirming { get; set; }

    /// <inheritdoc/>
    public override Task SetAuthenticatorKeyAsync(Account user, string key, CancellationToken cancellationToken) =>
        base.SetAuthenticatorKeyAsync(user, secrets.Hide(user.Id, key), cancellationToken);

    /// <inheritdoc/>
    public override async Task<string?> GetAuthenticatorKeyAsync(Account user, CancellationToken cancellationToken) =>
        ((IsConfirming ? await GetTokenAsync(user, Library, WaitingName, cancellationToken) : null) ?? await base.GetAuthenticatorKeyAsync(user, cancellationToken)) is { } hidden
            ? secrets.Show(user.Id, hidden) : null;

    /// <summary>Puts a new secret beside the one that counts.</summary>
    public async Task Propose(Account user, string key, CancellationToken cancellation)
    {
        await SetTokenAsync(user, Library, WaitingName, secrets.Hide(user.Id, key), cancellation);
        await UpdateAsync(user, cancellation);
    }

    /// <summary>Lets the secret that waits count from now on; the next update of the account writes it.</summary>
    public async Task Adopt(Account user, CancellationToken cancellation)
    {
        if (await GetTokenAsync(user, Library, WaitingName, cancellation) is { } hidden)
        {
            await base.SetAuthenticatorKeyAsync(user, hidden, cancellation);
            await RemoveTokenAsync(user, Library, WaitingName, cancellation);
        }
    }

    /// <summary>Hides what stands in the open, from before there was a key.</summary>
    public static async Task HideAll(AccountContext accounts, AccountSecrets secrets, CancellationToken cancellation)
    {
        foreach (var open in await accounts.UserTokens.Where(t => t.Name == SecretName && t.Value != null && !t.Value.StartsWith(AccountSecrets.Mark)).ToListAsync(cancellation))
        {
            open.Value = secrets.Hide(open.UserId, open.Value!);
        }
        await accounts.SaveChangesAsync(cancellation);
    }
}
