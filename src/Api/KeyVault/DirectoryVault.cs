using System.Security.Cryptography;
using System.Text;

namespace EventLedger.Api.KeyVault;

/// <summary>
/// Data keys in one directory: <c>master.key</c>, and <c>data.keys</c> with one slot of 128 bytes a key, wrapped by AES-256-GCM under a key derived
/// from the master. A slot is appended and flushed before the key is used; erasure overwrites it with zeros and flushes.
/// </summary>
/// <remarks>Owners are indexed by a keyed hash: the file names nobody. Source: NIST SP 800-38D; RFC 5869.</remarks>
public sealed class DirectoryVault : IKeyVault, IDisposable
{
    private const int SlotBytes = 128, OwnerBytes = 32, IdBytes = 16, NonceBytes = 12, KeyBytes = 32, TagBytes = 16;
    private const int WrappedAt = OwnerBytes + IdBytes + NonceBytes;

    private readonly FileStream file;
    private readonly string lockPath;
    private readonly byte[] indexKey;
    private readonly AesGcm wrap;
    private readonly Lock gate = new();
    private readonly SemaphoreSlim writing = new(1);
    private readonly Dictionary<UInt128, (long Slot, DataKey Key)> byOwner = [];
    private readonly Dictionary<UInt128, DataKey> byId = [];
    private long loaded;

    private DirectoryVault(FileStream file, byte[] master)
    {
        this.file = file;
        lockPath = file.Name + ".lock";
        indexKey = HKDF.DeriveKey(HashAlgorithmName.SHA256, master, 32, info: "eventledger vault index"u8.ToArray());
        wrap = new(HKDF.DeriveKey(HashAlgorithmName.SHA256, master, 32, info: "eventledger vault wrap"u8.ToArray()), TagBytes);
    }

    /// <summary>Opens the vault, or makes one in an empty directory. Throws <see cref="InvalidDataException"/> when the master key is not its own.</summary>
    public static DirectoryVault Open(string directory)
    {
        Durable.MakeFolder(directory);
        var (masterPath, keysPath) = (Path.Combine(directory, "master.key"), Path.Combine(directory, "data.keys"));
        if (!File.Exists(masterPath))
        {
            if (File.Exists(keysPath))
            {
                throw new InvalidDataException($"{masterPath} is missing: without it no key in {keysPath} opens.");
            }
            Durable.WriteNew(masterPath, RandomNumberGenerator.GetBytes(32));
        }
        if (!File.Exists(keysPath))
        {
            Durable.WriteNew(keysPath, []);
        }
        var master = File.ReadAllBytes(masterPath);
        if (master.Length != 32)
        {
            throw new InvalidDataException($"{masterPath} must have 32 bytes.");
        }
        var vault = new DirectoryVault(new(keysPath, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0), master);
        vault.Refresh();
        return vault;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DataKey>> KeysOf(IReadOnlyList<KeyOwner> owners, CancellationToken cancellation)
    {
        var hashes = owners.Select(Hash).ToArray();
        if (TryAll(hashes) is { } known)
        {
            return known;
        }
        await writing.WaitAsync(cancellation);
        try
        {
            // Another host of this machine may share the directory; who holds the lock knows all slots.
            using var _ = await Alone(cancellation);
            Refresh();
            Append([.. hashes.DistinctBy(Half).Where(h => Lookup(h) is null)]);
        }
        finally
        {
            writing.Release();
        }
        return TryAll(hashes)!;
    }

    /// <inheritdoc/>
    public DataKey? Find(ReadOnlySpan<byte> id)
    {
        if (id.Length != IdBytes)
        {
            return null;
        }
        var half = Half(id);
        if (Known(half) is { } known)
        {
            return known;
        }
        // Another host of this machine may have made it since.
        writing.Wait();
        try
        {
            Refresh();
        }
        finally
        {
            writing.Release();
        }
        return Known(half);
    }

    /// <inheritdoc/>
    public async Task<bool> Destroy(KeyOwner owner, CancellationToken cancellation)
    {
        var hash = Hash(owner);
        await writing.WaitAsync(cancellation);
        try
        {
            using var _ = await Alone(cancellation);
            Refresh();
            (long Slot, DataKey Key) held;
            lock (gate)
            {
                if (!byOwner.Remove(Half(hash), out held))
                {
                    return false;
                }
                byId.Remove(Half(held.Key.Id));
            }
            CryptographicOperations.ZeroMemory(held.Key.Key);
            file.Position = held.Slot * SlotBytes;
            file.Write(new byte[SlotBytes]);
            file.Flush(flushToDisk: true);
            return true;
        }
        finally
        {
            writing.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        file.Dispose();
        wrap.Dispose();
        writing.Dispose();
    }

    private async Task<IDisposable> Alone(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return new FileStream(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(2), cancellation);
            }
        }
    }

    // All new keys of a call share one flush. They are known to others only when they are on disk.
    private void Append(IReadOnlyList<byte[]> hashes)
    {
        if (hashes.Count == 0)
        {
            return;
        }
        var slots = new byte[hashes.Count * SlotBytes];
        var first = file.Length / SlotBytes;
        var keys = new DataKey[hashes.Count];
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = new(RandomNumberGenerator.GetBytes(IdBytes), RandomNumberGenerator.GetBytes(KeyBytes));
            var slot = slots.AsSpan(i * SlotBytes, SlotBytes);
            hashes[i].CopyTo(slot);
            keys[i].Id.CopyTo(slot[OwnerBytes..]);
            RandomNumberGenerator.Fill(slot.Slice(OwnerBytes + IdBytes, NonceBytes));
            wrap.Encrypt(slot.Slice(OwnerBytes + IdBytes, NonceBytes), keys[i].Key, slot.Slice(WrappedAt, KeyBytes), slot.Slice(WrappedAt + KeyBytes, TagBytes),
                slot[..(OwnerBytes + IdBytes)]);
        }
        file.Position = first * SlotBytes;
        file.Write(slots);
        file.Flush(flushToDisk: true);
        for (var i = 0; i < keys.Length; i++)
        {
            Keep(hashes[i], first + i, keys[i]);
        }
        loaded = first + keys.Length;
    }

    // Reads the slots that are not known yet.
    private void Refresh()
    {
        // A power cut can leave half a slot at the end; nothing was acknowledged under it.
        var count = file.Length / SlotBytes;
        file.Position = loaded * SlotBytes;
        var slot = new byte[SlotBytes];
        for (; loaded < count; loaded++)
        {
            file.ReadExactly(slot);
            if (slot.AsSpan().ContainsAnyExcept((byte)0))
            {
                Keep(slot, loaded, Unwrap(slot));
            }
        }
    }

    private DataKey Unwrap(byte[] slot)
    {
        var key = new DataKey(slot[OwnerBytes..(OwnerBytes + IdBytes)], new byte[KeyBytes]);
        try
        {
            wrap.Decrypt(slot.AsSpan(OwnerBytes + IdBytes, NonceBytes), slot.AsSpan(WrappedAt, KeyBytes), slot.AsSpan(WrappedAt + KeyBytes, TagBytes), key.Key,
                slot.AsSpan(0, OwnerBytes + IdBytes));
            return key;
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new InvalidDataException($"Slot {loaded} of {file.Name} does not open under the master key: it is damaged, or the master key is another.", e);
        }
    }

    private void Keep(ReadOnlySpan<byte> hash, long slot, DataKey key)
    {
        lock (gate)
        {
            byOwner[Half(hash)] = (slot, key);
            byId[Half(key.Id)] = key;
        }
    }

    private DataKey[]? TryAll(byte[][] hashes)
    {
        var keys = new DataKey[hashes.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            if (Lookup(hashes[i]) is not { } key)
            {
                return null;
            }
            keys[i] = key;
        }
        return keys;
    }

    private DataKey? Known(UInt128 id)
    {
        lock (gate)
        {
            return byId.GetValueOrDefault(id);
        }
    }

    private DataKey? Lookup(byte[] hash)
    {
        lock (gate)
        {
            return byOwner.TryGetValue(Half(hash), out var held) ? held.Key : null;
        }
    }

    private byte[] Hash(KeyOwner owner) => HMACSHA256.HashData(indexKey, Encoding.UTF8.GetBytes(owner.Name));

    private static UInt128 Half(byte[] bytes) => Half(bytes.AsSpan());

    private static UInt128 Half(ReadOnlySpan<byte> bytes) => System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes);
}
