using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Host;

/// <summary>The keys of this host, one file per purpose in <c>host/</c>; each must be the one that genesis names for one host.</summary>
public sealed class HostKeys
{
    private readonly SigningKey[] receipt;

    private HostKeys(GenesisHost host, SigningKey[] receipt, SigningKey status, SigningKey transport) =>
        (Host, this.receipt, Status, Transport) = (host, receipt, status, transport);

    /// <summary>What genesis says about this host.</summary>
    public GenesisHost Host { get; }

    /// <summary>Signs receipts. A key object signs one at a time, so every core has its own.</summary>
    public SigningKey Receipt => receipt[(uint)Environment.CurrentManagedThreadId % (uint)receipt.Length];

    /// <summary>Signs status lists.</summary>
    public SigningKey Status { get; }

    /// <summary>Authenticates connections to validators.</summary>
    public SigningKey Transport { get; }

    /// <summary>Reads the files; throws <see cref="InvalidOperationException"/> with what is missing or does not belong to this chain.</summary>
    public static HostKeys Load(string directory, Genesis genesis)
    {
        var receipts = Enumerable.Range(0, Math.Max(4, Environment.ProcessorCount * 2)).Select(_ => Read(directory, KeyPurpose.Receipt)).ToArray();
        var (status, transport) = (Read(directory, KeyPurpose.Status), Read(directory, KeyPurpose.Transport));
        var host = genesis.Hosts.FirstOrDefault(h => h.Receipt.Equals(receipts[0].Public) && h.Status.Equals(status.Public) && h.Transport.Equals(transport.Public))
            ?? throw new InvalidOperationException($"The keys in {directory} are not those of a host that genesis names.");
        return new(host, receipts, status, transport);
    }

    private static SigningKey Read(string directory, string purpose)
    {
        var path = Path.Combine(directory, $"{purpose}.json");
        return File.Exists(path) && SigningKey.TryParse(File.ReadAllBytes(path), out var key) && key.Purpose == purpose
            ? key
            : throw new InvalidOperationException($"{path} is missing or is not a key file with purpose '{purpose}'.");
    }
}
