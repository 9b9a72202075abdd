using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace EventLedger.Api.Identity;

/// <summary>A member of the staff, with what they sign in with. Who they are stands here and nowhere on the ledger, which knows the pseudonym.</summary>
public sealed class Account : IdentityUser
{
    /// <summary>128 random bits in base64url, as role events name the person.</summary>
    public string Pseudonym { get; set; } = "";
}

/// <summary>The tables of ASP.NET Core Identity, passkeys among them, in the schema <c>identity</c>.</summary>
public sealed class AccountContext(DbContextOptions<AccountContext> options) : IdentityUserContext<Account>(options)
{
    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder builder)
    {
        builder.HasDefaultSchema("identity");
        base.OnModelCreating(builder);
        builder.Entity<Account>().Property(a => a.Pseudonym).HasMaxLength(22);
        builder.Entity<Account>().HasIndex(a => a.Pseudonym).IsUnique();
    }
}
