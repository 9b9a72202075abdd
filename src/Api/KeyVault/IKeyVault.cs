namespace EventLedger.Api.KeyVault;

/// <summary>A data key with its id.</summary>
/// <param name="Id">16 random bytes; stands in every sidecar under the key.</param>
/// <param name="Key">32 random bytes.</param>
public sealed record DataKey(byte[] Id, byte[] Key);

/// <summary>Where data keys live, and nowhere else: a directory of its own, or an HSM. Never the database, its replicas or dumps.</summary>
public interface IKeyVault
{
    /// <summary>The keys of owners, made where there is none; each is on disk for good before this returns.</summary>
    /// <param name="owners">From <see cref="KeyOwner"/>; may repeat.</param>
    /// <param name="cancellation">Gives up waiting; a key that is on its way may still be kept.</param>
    Task<IReadOnlyList<DataKey>> KeysOf(IReadOnlyList<KeyOwner> owners, CancellationToken cancellation);

    /// <summary>The key with an id; null when there is none, or no more.</summary>
    DataKey? Find(ReadOnlySpan<byte> id);

    /// <summary>Destroys an owner's key: what it encrypted is gone. False when there was none.</summary>
    Task<bool> Destroy(KeyOwner owner, CancellationToken cancellation);
}

/// <summary>Whose data a key opens: a data subject of one source, or where there is no subject, one stream.</summary>
/// <param name="Name">Unique among all owners.</param>
public readonly record struct KeyOwner(string Name)
{
    /// <summary>The data subject, else the stream.</summary>
    public static KeyOwner Of(string iss, string? sub, string stream) => new(sub is null ? $"stream\n{stream}" : $"sub\n{iss}\n{sub}");
}
