using EventLedger.Domain.Kernel;

namespace EventLedger.EventStore;

/// <summary>A claim that only one valid entry of the ledger may hold.</summary>
/// <param name="Kind">What is claimed.</param>
/// <param name="Key">SHA-256 of the claimed value.</param>
public readonly record struct UniqueKey(UniqueKind Kind, Digest Key);

/// <summary>Kinds of claims; the numbers are stored and never reused.</summary>
public enum UniqueKind
{
    /// <summary>No claim; never stored.</summary>
    None = 0,

    /// <summary>(<c>iss</c>, <c>jti</c>) of a signed record.</summary>
    Jti = 1,

    /// <summary>(<c>uri</c>, <c>idx</c>) of a status list.</summary>
    StatusIndex = 2,

    /// <summary>The nonce of an authorization.</summary>
    Nonce = 3,
}
