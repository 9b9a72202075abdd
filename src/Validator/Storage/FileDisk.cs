using Microsoft.Win32.SafeHandles;

namespace EventLedger.Validator.Storage;

/// <summary>A directory of this machine.</summary>
public sealed class FileDisk(string directory) : IDisk
{
    /// <inheritdoc/>
    public byte[]? Read(string name) => System.IO.File.Exists(PathOf(name)) ? System.IO.File.ReadAllBytes(PathOf(name)) : null;

    /// <inheritdoc/>
    public IDiskFile Create(string name) => new File(System.IO.File.OpenHandle(PathOf(name), FileMode.Create, FileAccess.ReadWrite));

    /// <inheritdoc/>
    public IDiskFile Open(string name) => new File(System.IO.File.OpenHandle(PathOf(name), FileMode.Open, FileAccess.ReadWrite));

    /// <inheritdoc/>
    public void Rename(string from, string to) => System.IO.File.Move(PathOf(from), PathOf(to), overwrite: true);

    /// <inheritdoc/>
    public void Flush() => DurableFile.SyncDirectory(Path.GetFullPath(directory));

    private string PathOf(string name) => Path.Combine(directory, name);

    private sealed class File(SafeFileHandle handle) : IDiskFile
    {
        public void Write(ReadOnlySpan<byte> bytes, long at) => RandomAccess.Write(handle, bytes, at);

        public void Cut(long length) => RandomAccess.SetLength(handle, length);

        public void Flush() => DurableFile.SyncData(handle);

        public void Dispose() => handle.Dispose();
    }
}
