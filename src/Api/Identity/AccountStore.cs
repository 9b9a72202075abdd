using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace EventLedger.Api.Identity;

/// <summary>The library's store of accounts, but that the secret of one-time codes goes in and out hidden.</summary>
public sealed class AccountStore(AccountContext accounts, AccountSecrets secrets, IdentityErrorDescriber words)
    : UserOnlyStore<Account, AccountContext, string, IdentityUserClaim<string>, IdentityUserLogin<string>, IdentityUserToken<string>, IdentityUserPasskey<string>>(accounts, words)
{
    // As the library calls its row.
    private const string SecretName = "AuthenticatorKey";

    /// <inheritdoc/>
    public override Task SetAuthenticatorKeyAsync(Account user, string key, CancellationToken cancellationToken) =>
        base.SetAuthenticatorKeyAsync(user, secrets.Hide(user.Id, key), cancellationToken);

    /// <inheritdoc/>
    public override async Task<string?> GetAuthenticatorKeyAsync(Account user, CancellationToken cancellationToken) =>
        await base.GetAuthenticatorKeyAsync(user, cancellationToken) is { } hidden ? secrets.Show(user.Id, hidden) : null;

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
