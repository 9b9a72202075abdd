using System.Globalization;
using EventLedger.Conformance.Support;

namespace EventLedger.Web.Tests.Staff;

/// <summary>How much memory the host's process holds by itself, as Linux counts it.</summary>
internal sealed class HostMemory(string process)
{
    /// <summary>The host of a ledger, by its data folder.</summary>
    public static HostMemory Of(TestLedger ledger) => new(Directory.EnumerateDirectories("/proc").First(d =>
        int.TryParse(Path.GetFileName(d), CultureInfo.InvariantCulture, out _) && Command(d) is var command && command.Contains("EventLedger.Web", StringComparison.Ordinal)
        && command.Contains($"--Ledger:Data={ledger.Data}", StringComparison.Ordinal)));

    /// <summary>In bytes.</summary>
    public long Read() => long.Parse(File.ReadLines(Path.Combine(process, "status")).First(l => l.StartsWith("RssAnon:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) * 1024;

    private static string Command(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline"));
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return "";
        }
    }
}
