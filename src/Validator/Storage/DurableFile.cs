using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace EventLedger.Validator.Storage;

/// <summary>What .NET leaves to the caller of writes that are to survive a power cut: a directory's own fsync, and fdatasync.</summary>
public static class DurableFile
{
    private const int ReadOnlyDirectory = 0x10000;

    /// <summary>Flushes a directory: until then a rename or a new name in it may be lost.</summary>
    public static void SyncDirectory(string directory)
    {
        var fd = Open(Encoding.UTF8.GetBytes(directory + "\0"), ReadOnlyDirectory);
        if (fd < 0)
        {
            throw new IOException($"Cannot open '{directory}': {new Win32Exception().Message}");
        }
        var failed = Fsync(fd) != 0;
        _ = Close(fd);
        if (failed)
        {
            throw new IOException($"Cannot flush '{directory}'.");
        }
    }

    /// <summary>Flushes the content and the length, but not the time stamps: one journal write less than fsync.</summary>
    public static void SyncData(SafeFileHandle file)
    {
        if (Fdatasync((int)file.DangerousGetHandle()) != 0)
        {
            // After a failed flush the page cache may already have dropped the bytes: only a stop is honest.
            throw new IOException($"Cannot flush the file: {new Win32Exception().Message}");
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Fsync(int fd);

    [DllImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Fdatasync(int fd);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int fd);
}
