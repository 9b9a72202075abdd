using System.Text.Json;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Network;

namespace EventLedger.Validator;

/// <summary>One consensus key of a validator and the keys that go with it: <c>keys/*.json</c> of a directory, where its guard and log stand too.</summary>
/// <param name="Directory">Where it is.</param>
/// <param name="Keys">By purpose.</param>
public sealed record ValidatorKeys(string Directory, IReadOnlyDictionary<string, SigningKey> Keys)
{
    /// <summary>Id of the consensus key.</summary>
    public string Kid => Keys[KeyPurpose.Consensus].Public.Kid;

    /// <summary>Reads the key files; throws <see cref="InvalidDataException"/> that names what is wrong or missing.</summary>
    public static ValidatorKeys Read(string directory)
    {
        var keys = new Dictionary<string, SigningKey>(StringComparer.Ordinal);
        foreach (var file in System.IO.Directory.EnumerateFiles(Path.Combine(directory, "keys"), "*.json"))
        {
            if (!SigningKey.TryParse(File.ReadAllBytes(file), out var key))
            {
                throw new InvalidDataException($"{file} is not a key file.");
            }
            keys[key.Purpose] = key;
        }
        var missing = new[] { KeyPurpose.Consensus, KeyPurpose.Status, KeyPurpose.Transport }.FirstOrDefault(purpose => !keys.ContainsKey(purpose));
        return missing is null ? new(directory, keys) : throw new InvalidDataException($"{directory}/keys holds no {missing} key.");
    }
}

/// <summary>
/// One validator's directory: <c>validator.json</c>, <c>genesis.json</c>, <c>keys/*.json</c>; beside them guard, log and blocks. Each rotation has a folder of
/// its own in <c>rotations/</c>, with its keys, its guard and its log.
/// </summary>
/// <param name="Directory">Where it is.</param>
/// <param name="Name">What this validator is called.</param>
/// <param name="Listen">Where it listens, <c>host:port</c>.</param>
/// <param name="Genesis">The chain.</param>
/// <param name="Keys">The keys that this validator began with.</param>
/// <param name="Seeds">Peers beside those that the ledger names.</param>
public sealed record ValidatorFiles(string Directory, string Name, string Listen, Genesis Genesis, ValidatorKeys Keys, IReadOnlyList<PeerAddress> Seeds)
{
    /// <summary>Reads the directory; throws <see cref="InvalidDataException"/> that names the file that is wrong.</summary>
    public static ValidatorFiles Read(string directory)
    {
        var own = JsonSerializer.Deserialize<OwnFile>(File.ReadAllBytes(Path.Combine(directory, "validator.json")), JsonSerializerOptions.Web)
            ?? throw new InvalidDataException("validator.json holds nothing.");
        if (!Genesis.TryParse(File.ReadAllBytes(Path.Combine(directory, "genesis.json")), out var genesis))
        {
            throw new InvalidDataException("genesis.json is not the canonical form of a genesis file.");
        }
        var first = ValidatorKeys.Read(directory);
        var self = genesis.Validators.FirstOrDefault(v => v.Name == own.Name);
        foreach (var (purpose, jwk) in self is null ? [] : ValidatorRoll.KeysOf(self.Member))
        {
            if (purpose is KeyPurpose.Consensus or KeyPurpose.Status or KeyPurpose.Transport && !first.Keys[purpose].Public.Equals(jwk))
            {
                throw new InvalidDataException($"keys/ holds no {purpose} key of validator '{own.Name}' as genesis.json names it.");
            }
        }
        return new(directory, own.Name, own.Listen ?? self?.Address ?? throw new InvalidDataException("validator.json says not where to listen, and genesis.json does not know this validator."),
            genesis, first, [.. (own.Peers ?? []).Select(p => new PeerAddress(p.Kid, [p.Address], [p.Transport]))]);
    }

    private sealed record OwnFile(string Name, string? Listen, IReadOnlyList<Seed>? Peers);

    private sealed record Seed(string Kid, string Address, string Transport);
}
