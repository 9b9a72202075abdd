namespace EventLedger.Validator.Storage;

/// <summary>
/// One directory as the sign guard and the write-ahead log use it. Nothing is durable before it is flushed: bytes by their file, names by the
/// directory. The process has a real one; the simulator has one that loses, tears and reorders what was not flushed.
/// </summary>
public interface IDisk
{
    /// <summary>All bytes of a file; null when there is none.</summary>
    byte[]? Read(string name);

    /// <summary>Makes an empty file, in place of one of that name.</summary>
    IDiskFile Create(string name);

    /// <summary>Opens a file that is there.</summary>
    IDiskFile Open(string name);

    /// <summary>Renames over the target.</summary>
    void Rename(string from, string to);

    /// <summary>Makes names durable; returns when they are.</summary>
    void Flush();
}

/// <summary>One open file of an <see cref="IDisk"/>.</summary>
public interface IDiskFile : IDisposable
{
    /// <summary>Writes bytes at an offset in bytes.</summary>
    void Write(ReadOnlySpan<byte> bytes, long at);

    /// <summary>Cuts the file to a length in bytes.</summary>
    void Cut(long length);

    /// <summary>Makes content and length durable; returns when they are, and throws <see cref="IOException"/> when that is not certain.</summary>
    void Flush();
}

/// <summary>What every user of a disk does alike.</summary>
public static class DiskFiles
{
    /// <summary>Replaces a small file in one step and returns when that is durable: a reader after a crash sees the old bytes or the new ones, never a mixture.</summary>
    public static void Replace(IDisk disk, string name, ReadOnlySpan<byte> bytes)
    {
        using (var file = disk.Create(name + ".next"))
        {
            file.Write(bytes, 0);
            file.Flush();
        }
        disk.Rename(name + ".next", name);
        disk.Flush();
    }
}
