using System.Globalization;

namespace EventLedger.Conformance.Faults;

/// <summary>Tells which process opened a connection: the certificate that says so travels encrypted, but the system knows.</summary>
internal static class Callers
{
    /// <summary>The first of the processes that holds the socket with this local port to that remote port; null when none does.</summary>
    public static int? Find(int localPort, int remotePort, IEnumerable<(int Who, int Pid)> processes)
    {
        var inode = InodeOf(localPort, remotePort);
        foreach (var (who, pid) in inode is null ? [] : processes)
        {
            if (Holds(pid, $"socket:[{inode}]"))
            {
                return who;
            }
        }
        return null;
    }

    // Columns of /proc/net/tcp: number, local, remote, state, queues, timer, retransmits, uid, timeout, inode.
    private static string? InodeOf(int localPort, int remotePort)
    {
        var (local, remote) = (localPort.ToString("X4", CultureInfo.InvariantCulture), remotePort.ToString("X4", CultureInfo.InvariantCulture));
        foreach (var table in new[] { "/proc/net/tcp", "/proc/net/tcp6" }.Where(File.Exists))
        {
            foreach (var line in File.ReadLines(table).Skip(1))
            {
                var column = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (column[1].EndsWith($":{local}", StringComparison.Ordinal) && column[2].EndsWith($":{remote}", StringComparison.Ordinal))
                {
                    return column[9];
                }
            }
        }
        return null;
    }

    private static bool Holds(int pid, string socket)
    {
        try
        {
            return new DirectoryInfo($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/fd").EnumerateFiles().Any(fd => fd.LinkTarget == socket);
        }
        catch (IOException)
        {
            // The process ended while it was looked at.
            return false;
        }
    }
}
