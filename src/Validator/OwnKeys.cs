using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Node;
using EventLedger.Validator.Storage;
using EventLedger.Wire;

namespace EventLedger.Validator;

/// <summary>
/// The keys of this validator: those that it began with and those of its rotations. A rotation's folder may come while the validator runs; it is
/// found when the ledger names its key.
/// </summary>
public sealed class OwnKeys : IDisposable
{
    private readonly Lock gate = new();
    private readonly List<Held> held = [];
    private readonly string directory, chain;

    /// <summary>Opens the first keys and those of every rotation that is there.</summary>
    public OwnKeys(ValidatorFiles files)
    {
        (directory, chain) = (files.Directory, files.Genesis.Chain);
        Hold(files.Keys);
        Look();
    }

    /// <summary>One consensus key and what goes with it.</summary>
    /// <param name="Keys">The key files.</param>
    /// <param name="Signer">Signs votes, with guard and log.</param>
    /// <param name="Certificate">What it shows to peers and hosts.</param>
    public sealed record Held(ValidatorKeys Keys, Signer Signer, X509Certificate2 Certificate);

    /// <summary>The keys that this validator began with.</summary>
    public Held First => held[0];

    /// <summary>Ids of all consensus keys that are here now.</summary>
    public IReadOnlyList<string> Kids
    {
        get
        {
            lock (gate)
            {
                Look();
                return [.. held.Select(h => h.Keys.Kid)];
            }
        }
    }

    /// <summary>The keys whose consensus key is in a set; null when none is.</summary>
    public Held? In(ValidatorSet set)
    {
        lock (gate)
        {
            if (Seated() is { } found)
            {
                return found;
            }
            Look();
            return Seated();
        }
        Held? Seated() => held.Find(h => set.Find(h.Keys.Kid) is not null);
    }

    /// <summary>The keys with this consensus key, which must be here.</summary>
    public Held Of(string kid)
    {
        lock (gate)
        {
            return held.First(h => h.Keys.Kid == kid);
        }
    }

    /// <inheritdoc />
    public void Dispose() => held.ForEach(h => h.Signer.Dispose());

    private void Look()
    {
        var rotations = Path.Combine(directory, "rotations");
        if (!Directory.Exists(rotations))
        {
            return;
        }
        foreach (var folder in Directory.EnumerateDirectories(rotations).Order(StringComparer.Ordinal).Where(f => !held.Exists(h => h.Keys.Directory == f)))
        {
            try
            {
                Hold(ValidatorKeys.Read(folder));
            }
            catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                // Somebody may be writing it just now; it is looked at again.
            }
        }
    }

    private void Hold(ValidatorKeys keys)
    {
        var transport = keys.Keys[KeyPurpose.Transport];
        // A transport key that a rotation keeps is one certificate, so that nothing has to connect anew.
        var certificate = held.Find(h => h.Keys.Keys[KeyPurpose.Transport].Public.Equals(transport.Public))?.Certificate
            ?? TransportCertificate.Create(ECDsa.Create(transport.Export()));
        held.Add(new(keys, new Signer(chain, keys.Keys[KeyPurpose.Consensus], keys.Directory, VoteLog.TryOpen(keys.Directory)), certificate));
    }
}
