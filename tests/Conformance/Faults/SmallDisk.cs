using System.Diagnostics;
using System.Globalization;

namespace EventLedger.Conformance.Faults;

/// <summary>A file system of its own for one folder, small enough to be filled.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string folder;

    private SmallDisk(string folder) => this.folder = folder;

    private string Filler => Path.Combine(folder, "filler");

    /// <summary>Puts the folder, with what is in it, on a disk of its own; null when the system refuses to mount one.</summary>
    public static SmallDisk? TryMount(string folder, int megabytes)
    {
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).ToDictionary(f => Path.GetRelativePath(folder, f), File.ReadAllBytes);
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess || !Run("mount", "-t", "tmpfs", "-o", $"size={megabytes.ToString(CultureInfo.InvariantCulture)}m", "tmpfs", folder))
        {
            return null;
        }
        foreach (var (name, bytes) in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, name))!);
            File.WriteAllBytes(Path.Combine(folder, name), bytes);
        }
        return new(folder);
    }

    /// <summary>Leaves not one free byte.</summary>
    public void Fill()
    {
        var zeros = new byte[64 << 10];
        using var filler = new FileStream(Filler, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        for (var size = zeros.Length; size > 0;)
        {
            try
            {
                filler.Write(zeros, 0, size);
            }
            catch (IOException)
            {
                // Smaller and smaller pieces, until nothing fits.
                size /= 2;
            }
        }
    }

    /// <summary>Gives the space back.</summary>
    public void Free() => File.Delete(Filler);

    public void Dispose() => Run("umount", "-l", folder);

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        _ = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
