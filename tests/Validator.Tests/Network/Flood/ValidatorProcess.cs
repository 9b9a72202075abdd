using System.Diagnostics;
using System.Globalization;
using EventLedger.Validator.Tests.Node;

namespace EventLedger.Validator.Tests.Network.Flood;

/// <summary>A validator as a process of its own, with what the system says of its memory.</summary>
public sealed class ValidatorProcess : IDisposable
{
    private readonly Process process;

    private ValidatorProcess(Process process) => this.process = process;

    public bool HasEnded => process.HasExited;

    /// <summary>Memory that is in use, in KiB.</summary>
    public long ResidentKib => StatusKib("VmRSS:");

    /// <summary>Time of a core that it has used, in ms.</summary>
    public long CpuMs
    {
        get
        {
            process.Refresh();
            return (long)process.TotalProcessorTime.TotalMilliseconds;
        }
    }

    /// <summary>Starts it and waits until it listens.</summary>
    public static async Task<ValidatorProcess> Start(TestNetwork net, int i)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "EventLedger.Validator.dll"), "--data", net.DirectoryOf(i)])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldNotBeNull();
        return new(process);
    }

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }

    private long StatusKib(string name)
    {
        var line = File.ReadLines($"/proc/{process.Id}/status").First(l => l.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
    }
}
