using System.Diagnostics;
using System.Security.Cryptography;
using EventLedger.Conformance.Support;

namespace EventLedger.Conformance.Faults;

/// <summary>
/// A network namespace for each validator, joined to one bridge. A link that is taken down loses packets without a word, as a pulled cable does:
/// what TCP makes of that is the system's own and not a proxy's.
/// </summary>
internal sealed class NetworkRooms : IDisposable
{
    private const int Port = 9200;
    private readonly string name = $"el{RandomNumberGenerator.GetHexString(6, lowercase: true)}";
    private readonly string net = $"10.{RandomNumberGenerator.GetInt32(64, 128)}.{RandomNumberGenerator.GetInt32(0, 256)}";
    private readonly int validators;

    private NetworkRooms(int validators) => this.validators = validators;

    /// <summary>Makes the rooms; null when the system refuses them.</summary>
    public static NetworkRooms? TryMake(int validators)
    {
        var rooms = new NetworkRooms(validators);
        if (rooms.Make())
        {
            return rooms;
        }
        rooms.Dispose();
        return null;
    }

    /// <summary>Each validator in its room; the host reaches all of them over the bridge.</summary>
    public Layout Layout() => new(validators, Address, Address, n => ["ip", "netns", "exec", Room(n)]);

    /// <summary>Takes the victims' links down and up again.</summary>
    public Fault LinkDown(params int[] victims) => new("link down", victims, Set(victims, "down"), Set(victims, "up"))
    {
        Halts = 3 * (validators - victims.Length) <= 2 * validators,
    };

    public void Dispose()
    {
        for (var n = 1; n <= validators; n++)
        {
            Ip($"netns del {Room(n)}");
        }
        Ip($"link del {name}");
    }

    private bool Make()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess || !Ip($"link add {name} type bridge"))
        {
            return false;
        }
        EndWithThisProcess();
        return Ip($"addr add {net}.1/24 dev {name}") && Ip($"link set {name} up") && Enumerable.Range(1, validators).All(n =>
            Ip($"netns add {Room(n)}") && Ip($"link add {Link(n)} type veth peer name eth0 netns {Room(n)}") && Ip($"link set {Link(n)} master {name} up")
            && Ip($"-n {Room(n)} addr add {net}.{10 + n}/24 dev eth0") && Ip($"-n {Room(n)} link set eth0 up") && Ip($"-n {Room(n)} link set lo up"));
    }

    private Func<Task> Set(int[] victims, string state) => () =>
    {
        Array.ForEach(victims, n => Ip($"link set {Link(n)} {state}").ShouldBeTrue());
        return Task.CompletedTask;
    };

    private string Room(int n) => $"{name}-{n}";

    private string Link(int n) => $"{name}v{n}";

    private string Address(int n) => $"{net}.{10 + n}:{Port}";

    private static bool Ip(string words)
    {
        try
        {
            using var ip = Process.Start(new ProcessStartInfo("ip", words) { RedirectStandardError = true })!;
            _ = ip.StandardError.ReadToEnd();
            ip.WaitForExit();
            return ip.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // There is no such program here.
            return false;
        }
    }

    // A test run that is killed must not leave a network behind, and no handler of its own would run then.
    private void EndWithThisProcess()
    {
        var clean = string.Join("; ", Enumerable.Range(1, validators).Select(n => $"ip netns del {Room(n)}").Append($"ip link del {name}"));
        using var watcher = Process.Start(new ProcessStartInfo("sh", ["-c", $"(tail --pid={Environment.ProcessId} -f /dev/null; {clean}) >/dev/null 2>&1 </dev/null &"]))!;
        watcher.WaitForExit();
    }
}
