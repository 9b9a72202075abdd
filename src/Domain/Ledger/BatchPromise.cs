using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>
/// A host's signed promise that these entries, in this order, are its log: without it a validator votes for no block that has entries, so nobody else can
/// fill the places that a host has given receipts for. Source: docs/formats.md "Batch promise".
/// </summary>
/// <param name="First">Seq of the first entry.</param>
/// <param name="Size">Tree size after the batch: seq of the last entry.</param>
/// <param name="Root">Root of the host's own tree at that size, so all entries before the batch are promised with it.</param>
/// <param name="Kid">A host's receipt key.</param>
/// <param name="Sig">Its signature, 64 bytes.</param>
public sealed record BatchPromise(long First, long Size, Digest Root, string Kid, ReadOnlyMemory<byte> Sig)
{
    /// <summary>The bytes that a host signs.</summary>
    public static byte[] Bytes(string chain, long first, long size, Digest root) => Jcs.Bytes(new JsonObject
    {
        ["v"] = 1, ["chain"] = chain, ["first"] = first, ["size"] = size, ["root"] = root.ToString(),
    });

    /// <summary>Promises a batch.</summary>
    public static BatchPromise Create(SigningKey key, string chain, long first, MerkleFrontier after)
    {
        var root = after.Root();
        return new(first, after.Size, root, key.Public.Kid, key.Sign(Bytes(chain, first, after.Size, root)));
    }

    /// <summary>Whether one of the chain's hosts made this promise for this chain.</summary>
    /// <param name="genesis">Names the hosts.</param>
    /// <param name="verify">Tells whether a key signed a message; null stands for ES256, which every promise outside of a simulation bears.</param>
    public bool IsMadeBy(Genesis genesis, Func<Jwk, byte[], byte[], bool>? verify = null)
    {
        if (genesis.Hosts.FirstOrDefault(h => h.Receipt.Kid == Kid) is not { } host)
        {
            return false;
        }
        var (message, sig) = (Bytes(genesis.Chain, First, Size, Root), Sig.ToArray());
        return verify?.Invoke(host.Receipt, message, sig) ?? host.Receipt.Verify(message, sig);
    }
}
