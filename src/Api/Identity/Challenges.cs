using System.Security.Cryptography;
using EventLedger.Domain.Kernel;

namespace EventLedger.Api.Identity;

/// <summary>What callers are asked to sign: random, good once, for five minutes. Kept in the database, so that another host may take the answer.</summary>
public sealed class Challenges(IdentityTables tables, TimeProvider clock)
{
    /// <summary>Life of a challenge: five minutes.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    /// <summary>Makes one.</summary>
    /// <param name="purpose">What it is for; it counts for nothing else.</param>
    /// <param name="cancellation">Stops waiting.</param>
    public async Task<string> New(string purpose, CancellationToken cancellation)
    {
        var challenge = B64.Encode(RandomNumberGenerator.GetBytes(32));
        await Put(challenge, purpose, "", cancellation);
        return challenge;
    }

    /// <summary>Keeps one that was made elsewhere, with what belongs to it.</summary>
    public Task Put(string challenge, string purpose, string state, CancellationToken cancellation) =>
        tables.Run("put_challenge", cancellation, challenge, purpose, state, clock.GetUtcNow() + Life);

    /// <summary>Uses one up: what was kept with it, or null when it was never made, is over, or was used before.</summary>
    public async Task<string?> Take(string challenge, string purpose, CancellationToken cancellation) =>
        await tables.Read("take_challenge", row => row.GetString(0), cancellation, challenge, purpose, clock.GetUtcNow()) is [var state] ? state : null;
}
