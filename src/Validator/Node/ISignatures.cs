using EventLedger.Domain.Ledger;

namespace EventLedger.Validator.Node;

/// <summary>Makes and checks the signatures of consensus, and checks those of hosts under their batches. The process signs with P-256; most runs of the simulator use tags that cost less.</summary>
public interface ISignatures
{
    /// <summary>Own key id.</summary>
    string Kid { get; }

    /// <summary>Signs with the own key: 64 bytes.</summary>
    byte[] Sign(byte[] message);

    /// <summary>Whether a member signed this message.</summary>
    bool Verify(Member from, byte[] message, byte[] signature);

    /// <summary>Whether a host's key signed this message.</summary>
    bool Verify(Jwk host, byte[] message, byte[] signature);
}

/// <summary>ES256 with a consensus key.</summary>
public sealed class KeySignatures(SigningKey key) : ISignatures
{
    /// <inheritdoc/>
    public string Kid => key.Public.Kid;

    /// <inheritdoc/>
    public byte[] Sign(byte[] message) => key.Sign(message);

    /// <inheritdoc/>
    public bool Verify(Member from, byte[] message, byte[] signature) => from.Jwk.Verify(message, signature);

    /// <inheritdoc/>
    public bool Verify(Jwk host, byte[] message, byte[] signature) => host.Verify(message, signature);
}
