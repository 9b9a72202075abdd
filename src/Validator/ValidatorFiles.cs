using System.Text.Json;
using EventLedger.Domain.Ledger;

namespace EventLedger.Validator;

/// <summary>One validator's directory: <c>validator.json</c>, <c>genesis.json</c>, <c>keys/*.json</c>; beside them guard, log and blocks.</summary>
/// <param name="Directory">Where it is.</param>
/// <param name="Name">Which validator of the genesis file this is.</param>
/// <param name="Listen">Where it listens, <c>host:port</c>.</param>
/// <param name="Genesis">The chain.</param>
/// <param name="Keys">By purpose.</param>
public sealed record ValidatorFiles(string Directory, string Name, string Listen, Genesis Genesis, IReadOnlyDictionary<string, SigningKey> Keys)
{
    /// <summary>Reads the directory; throws <see cref="InvalidDataException"/> that names the file that is wrong.</summary>
    public static ValidatorFiles Read(string directory)
    {
        var own = JsonSerializer.Deserialize<Own>(File.ReadAllBytes(Path.Combine(directory, "validator.json")), JsonSerializerOptions.Web)
            ?? throw new InvalidDataException("validator.json holds nothing.");
        if (!Genesis.TryParse(File.ReadAllBytes(Path.Combine(directory, "genesis.json")), out var genesis))
        {
            throw new InvalidDataException("genesis.json is not the canonical form of a genesis file.");
        }
        var self = genesis.Validators.FirstOrDefault(v => v.Name == own.Name)
            ?? throw new InvalidDataException($"genesis.json knows no validator named '{own.Name}'.");
        var keys = new Dictionary<string, SigningKey>(StringComparer.Ordinal);
        foreach (var file in System.IO.Directory.EnumerateFiles(Path.Combine(directory, "keys"), "*.json"))
        {
            if (!SigningKey.TryParse(File.ReadAllBytes(file), out var key))
            {
                throw new InvalidDataException($"{file} is not a key file.");
            }
            keys[key.Purpose] = key;
        }
        foreach (var (purpose, jwk) in self.Member.Keys.Append(KeyValuePair.Create(KeyPurpose.Consensus, self.Member.Jwk)))
        {
            if (purpose is KeyPurpose.Consensus or KeyPurpose.Status or KeyPurpose.Transport && (!keys.TryGetValue(purpose, out var key) || !key.Public.Equals(jwk)))
            {
                throw new InvalidDataException($"keys/ holds no {purpose} key of validator '{own.Name}' as genesis.json names it.");
            }
        }
        return new(directory, own.Name, own.Listen ?? self.Address, genesis, keys);
    }

    private sealed record Own(string Name, string? Listen);
}
