using System.Diagnostics;

namespace EventLedger.Api.Tests.Support;

/// <summary>The command <c>ledger</c> as it was built beside these tests.</summary>
public static class LedgerCommand
{
    public static async Task<(int Exit, string Output)> Run(params string[] arguments)
    {
        var built = Path.Combine(Root(AppContext.BaseDirectory), "src", "Cli", "bin", "Release", "net10.0");
        var start = new ProcessStartInfo("dotnet", [Path.Combine(built, "EventLedger.Cli.dll"), .. arguments]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = (await process.StandardOutput.ReadToEndAsync()).TrimEnd();
        await process.WaitForExitAsync();
        return (process.ExitCode, output);
    }

    private static string Root(string from) => File.Exists(Path.Combine(from, "EventLedger.sln")) ? from : Root(Path.GetDirectoryName(from)!);
}
