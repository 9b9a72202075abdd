using System.Diagnostics;
using System.Globalization;

namespace EventLedger.Conformance.Support;

/// <summary>One process of the product, started from its built program.</summary>
internal sealed class Child : IDisposable
{
    private readonly Process process;

    private Child(Process process) => this.process = process;

    public bool IsRunning => !process.HasExited;

    /// <summary>Where the repository is, found from where the tests run.</summary>
    public static string Root { get; } = FindRoot(AppContext.BaseDirectory);

    /// <summary>What it says goes to a file: a pipe that nobody reads would stop it.</summary>
    /// <param name="project">Which program.</param>
    /// <param name="log">The file.</param>
    /// <param name="environment">Added to the own one.</param>
    /// <param name="within">A command that runs it in another room, such as a network namespace, and becomes it; or nothing.</param>
    /// <param name="arguments">Its own.</param>
    public static Child Start(string project, string log, IReadOnlyDictionary<string, string> environment, string[] within, params string[] arguments)
    {
        // "exec" makes the shell's process the program's own, so that a kill meets the program.
        var start = new ProcessStartInfo("sh", ["-c", "exec \"$@\" >>\"$0\" 2>&1 </dev/null", log, .. within, .. Program(project), .. arguments])
        {
            WorkingDirectory = Path.Combine(Root, "src", project),
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        return new(Process.Start(start)!);
    }

    /// <summary>Runs a program to its end; gives what it said on both outputs.</summary>
    public static async Task<(int Exit, string Said)> Run(string project, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var log = Path.GetTempFileName();
        using var child = Start(project, log, environment, [], arguments);
        await child.process.WaitForExitAsync();
        var said = await File.ReadAllTextAsync(log);
        File.Delete(log);
        return (child.process.ExitCode, said);
    }

    public int Id => process.Id;

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>SIGSTOP: it is there and does nothing.</summary>
    public void Pause() => Signal("STOP");

    /// <summary>SIGCONT.</summary>
    public void Resume() => Signal("CONT");

    /// <summary>How it ended; null while it runs.</summary>
    public int? ExitCode => process.HasExited ? process.ExitCode : null;

    /// <summary>Asks it to stop, as a service manager does, and waits.</summary>
    public async Task<int> Stop()
    {
        Signal("TERM");
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            Kill();
        }
        process.Dispose();
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    // The published validator, where a run asks for it, as servers have it.
    private static string[] Program(string project) => project == "Validator" && Environment.GetEnvironmentVariable("EVENTLEDGER_VALIDATOR") is { Length: > 0 } published
        ? [published]
        : ["dotnet", Path.Combine(Root, "src", project, "bin", "Release", "net10.0", $"EventLedger.{project}.dll")];

    private static string FindRoot(string from) => File.Exists(Path.Combine(from, "EventLedger.sln")) ? from : FindRoot(Path.GetDirectoryName(from)!);
}
