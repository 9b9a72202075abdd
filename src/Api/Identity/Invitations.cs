using System.Security.Cryptography;
using System.Text;
using EventLedger.Api.KeyVault;
using EventLedger.Domain.Kernel;
using Microsoft.EntityFrameworkCore;

namespace EventLedger.Api.Identity;

/// <summary>
/// One-time codes, good for a day, that open an account and nothing else: an account has no role until operators sign one. The first start writes the
/// first code to <c>first-sign-in</c> in the data folder; later ones an operator asks for.
/// </summary>
public sealed class Invitations(IdentityTables tables, TimeProvider clock, string data)
{
    /// <summary>Life of a code: 24 hours.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromHours(24);

    private readonly string path = Path.Combine(data, "first-sign-in");

    /// <summary>Makes a code.</summary>
    public async Task<(string Code, LedgerTime Until)> New(CancellationToken cancellation)
    {
        var code = B64.Encode(RandomNumberGenerator.GetBytes(16));
        return (code, await PutBack(code, cancellation));
    }

    /// <summary>Makes a code good for a day, anew where it was used up for nothing.</summary>
    public async Task<LedgerTime> PutBack(string code, CancellationToken cancellation)
    {
        var until = clock.GetUtcNow() + Life;
        await tables.Run("put_invitation", cancellation, DigestOf(code), until);
        return LedgerTime.From(until);
    }

    /// <summary>Uses one up; false when there is none such, or its time is over.</summary>
    public async Task<bool> Take(string code, CancellationToken cancellation)
    {
        if ((await tables.Read("take_invitation", _ => true, cancellation, DigestOf(code), clock.GetUtcNow())).Count == 0)
        {
            return false;
        }
        File.Delete(path);
        return true;
    }

    /// <summary>At every start while nobody has an account: a fresh first code, and no other one.</summary>
    public async Task First(AccountContext accounts, CancellationToken cancellation)
    {
        if (await accounts.Users.AnyAsync(cancellation))
        {
            return;
        }
        await tables.Run("clear_invitations", cancellation);
        var (code, _) = await New(cancellation);
        File.Delete(path);
        Durable.WriteNew(path, Encoding.ASCII.GetBytes(code + "\n"));
    }

    private static string DigestOf(string code) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(code)));
}
