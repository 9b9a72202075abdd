using EventLedger.Domain.Ledger;

namespace EventLedger.Validator.Tests.Simulation;

/// <summary>The keys that a machine began with, or those of one of its rotations.</summary>
/// <param name="Machine">Its index.</param>
/// <param name="Validator">What an invitation says of it.</param>
/// <param name="Keys">One of each purpose.</param>
internal sealed record SimSeat(int Machine, GenesisValidator Validator, IReadOnlyList<SigningKey> Keys)
{
    public string Kid => Validator.Member.Kid;

    public string Transport { get; } = Validator.Member.Keys[KeyPurpose.Transport].Kid;
}
