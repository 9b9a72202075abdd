using System.Globalization;
using System.Security.Cryptography;
using EventLedger.Domain.Kernel;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace EventLedger.Api.Identity;

/// <summary>People's accounts: password and one-time code, enough to read and to draft. Five wrong tries in a row lock one for fifteen minutes.</summary>
public sealed class Accounts(UserManager<Account> users, AccountStore store, IdentityTables tables, IPasswordHasher<Account> hasher, SecurityNotes notes, TimeProvider clock)
{
    // Who names no account waits as long as who names one, or the time would tell which names there are.
    private static readonly Account Nobody = new() { UserName = "nobody" };
    private static string? nobodysHash;

    /// <summary>Opens an account; null with the reason when the name cannot be had.</summary>
    public async Task<(Account? Account, string? Problem)> Open(string name, string? pseudonym = null)
    {
        var account = new Account { UserName = name, Pseudonym = pseudonym ?? B64.Encode(RandomNumberGenerator.GetBytes(16)), LockoutEnabled = true };
        var made = await users.CreateAsync(account);
        return made.Succeeded ? (account, null) : (null, string.Join(' ', made.Errors.Select(e => e.Description)));
    }

    /// <summary>The account of a person; null when there is none.</summary>
    public Task<Account?> Of(string pseudonym) => users.Users.SingleOrDefaultAsync(a => a.Pseudonym == pseudonym);

    /// <summary>The account of a person, opened where there is none: whoever signs in with a key may add other ways.</summary>
    public async Task<Account> Needed(string pseudonym) => await Of(pseudonym) ?? (await Open(pseudonym, pseudonym)).Account
        ?? throw new InvalidOperationException("A pseudonym makes no account name.");

    /// <summary>The account behind name, password and one-time code; null when one of them is wrong, or the account is locked or has no second factor.</summary>
    public async Task<Account?> SignIn(string name, string password, string code, CancellationToken cancellation)
    {
        // What is no name at all is nobody's, and never reaches the database: it takes no U+0000.
        var isName = name.Length > 0 && name.All(c => users.Options.User.AllowedUserNameCharacters.Contains(c, StringComparison.Ordinal));
        if (!isName || await users.FindByNameAsync(name) is not { } account)
        {
            nobodysHash ??= hasher.HashPassword(Nobody, Guid.NewGuid().ToString());
            hasher.VerifyHashedPassword(Nobody, nobodysHash, password);
            return null;
        }
        return await IsRight(account, password) && account.TwoFactorEnabled && await IsCode(account, code, cancellation) ? account : null;
    }

    /// <summary>Whether it is the account's password; a wrong one counts towards the lock.</summary>
    public async Task<bool> IsRight(Account account, string password)
    {
        // A locked account is as slow and as silent as any other.
        var isRight = await users.CheckPasswordAsync(account, password);
        if (await users.IsLockedOutAsync(account))
        {
            return false;
        }
        if (!isRight)
        {
            await Failed(account);
        }
        return isRight;
    }

    /// <summary>Sets the password; null, or what is wrong with it.</summary>
    public async Task<string?> SetPassword(Account account, string password)
    {
        if (password.Length > PasswordLengthMax)
        {
            return $"A password has at most {PasswordLengthMax} characters.";
        }
        foreach (var rule in users.PasswordValidators)
        {
            if (await rule.ValidateAsync(users, account, password) is { Succeeded: false } refused)
            {
                return string.Join(' ', refused.Errors.Select(e => e.Description));
            }
        }
        if (await users.HasPasswordAsync(account))
        {
            await users.RemovePasswordAsync(account);
        }
        await users.AddPasswordAsync(account, password);
        return null;
    }

    /// <summary>A new secret for one-time codes, in base32. It counts once a code of it has been shown; until then the one before does.</summary>
    public async Task<string> NewSecret(Account account, CancellationToken cancellation)
    {
        var secret = users.GenerateNewAuthenticatorKey();
        await store.Propose(account, secret, cancellation);
        return secret;
    }

    /// <summary>Turns one-time codes on; false when the code is not one of the secret.</summary>
    public async Task<bool> Confirm(Account account, string code, CancellationToken cancellation)
    {
        store.IsConfirming = true;
        var isCode = await IsCode(account, code, cancellation);
        store.IsConfirming = false;
        if (isCode)
        {
            await store.Adopt(account, cancellation);
        }
        return isCode && (await users.SetTwoFactorEnabledAsync(account, true)).Succeeded;
    }

    private const int PasswordLengthMax = 128;

    private async Task<bool> IsCode(Account account, string code, CancellationToken cancellation)
    {
        // Whoever saw a code over somebody's shoulder must not use it a second time.
        var isRight = await users.VerifyTwoFactorTokenAsync(account, TokenOptions.DefaultAuthenticatorProvider, code)
            && (await tables.Read("use_jti", _ => true, cancellation, account.Pseudonym, string.Create(CultureInfo.InvariantCulture, $"totp {code}"), clock.GetUtcNow().AddMinutes(10))).Count == 1;
        await (isRight ? users.ResetAccessFailedCountAsync(account) : Failed(account));
        return isRight;
    }

    private async Task<IdentityResult> Failed(Account account)
    {
        var result = await users.AccessFailedAsync(account);
        if (await users.IsLockedOutAsync(account))
        {
            notes.Note(SecurityNotes.AccountLocked);
        }
        return result;
    }
}
