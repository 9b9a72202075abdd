using EventLedger.Api.Host;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Identity;

/// <summary>
/// What this ledger calls itself as an issuer of tokens. It comes from configuration or genesis and never from a request: an address taken from a Host
/// header would let anybody have an assertion that was meant for another place counted here.
/// </summary>
public sealed class Issuer
{
    /// <summary>Reads it once.</summary>
    public Issuer(Genesis genesis, LedgerOptions options)
    {
        var address = options.BaseUrl ?? (genesis.Parameters.Origins is [var origin, ..] ? origin : null);
        Chain = $"urn:eventledger:{genesis.Chain}";
        Name = address ?? Chain;
        Audiences = address is null ? new HashSet<string> { Chain } : new HashSet<string> { Chain, address, address + OAuthEndpoints.TokenPath };
    }

    /// <summary>The configured address, else the portal's origin, else the chain's name.</summary>
    public string Name { get; }

    /// <summary>The chain as a URN, which every client may name, whatever address it uses.</summary>
    public string Chain { get; }

    /// <summary>What a client assertion or sign-in may name as its audience: the issuer, its token endpoint, or the chain.</summary>
    public IReadOnlySet<string> Audiences { get; }
}
