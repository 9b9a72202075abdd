using System.Collections.Immutable;
using System.Security.Cryptography;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Identity;

/// <summary>Issues access tokens.</summary>
public sealed class AccessTokens(TokenKeys keys, Issuer issuer, Genesis genesis, TimeProvider clock)
{
    /// <summary>Signs a token for one reference point.</summary>
    /// <param name="subject">Who it is for.</param>
    /// <param name="kind"><c>source</c>, <c>application</c> or <c>person</c>.</param>
    /// <param name="point"><c>r2d</c>, <c>u2s</c>, <c>o2c</c> or <c>v2m</c>.</param>
    /// <param name="scopes">What it may be used for there.</param>
    /// <param name="session">The sign-in that it stands on.</param>
    /// <param name="cancellation">Stops waiting.</param>
    public async Task<string> Issue(string subject, string kind, string point, ImmutableSortedSet<string> scopes, string? session, CancellationToken cancellation)
    {
        var now = LedgerTime.From(clock.GetUtcNow()).UnixMs / 1000;
        var token = new AccessToken(issuer.Name, subject, kind, AccessToken.AudienceOf(genesis.Chain, point), scopes, B64.Encode(RandomNumberGenerator.GetBytes(16)),
            now, now + AccessToken.LifeSeconds, session);
        return token.Sign(await keys.Current(cancellation));
    }
}
