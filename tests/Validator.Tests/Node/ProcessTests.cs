using System.Diagnostics;
using EventLedger.Wire;

namespace EventLedger.Validator.Tests.Node;

public sealed class ProcessTests
{
    [Fact]
    public async Task A_killed_process_comes_back_catches_up_and_stops_cleanly_when_asked()
    {
        await using var net = new TestNetwork();
        await net.Start(0, 1, 2);
        using (var first = await Run(net, 3))
        {
            await net.Submit(net.Entries(0, 2));
            await Task.WhenAll(Enumerable.Range(0, 3).Select(i => net.Sealed(i, 2)));
            first.Kill();
            await first.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        await net.Submit(net.Entries(2, 2));
        await Task.WhenAll(Enumerable.Range(0, 3).Select(i => net.Sealed(i, 4)));
        using var again = await Run(net, 3);
        using var client = net.ClientOf(3);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while ((await TestNetwork.Call(client, "GetHealth", new HealthRequest(), HealthReply.Parser)).Reply!.Size < 4)
        {
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
        using var terminate = Process.Start("kill", $"-TERM {again.Id}");
        await again.WaitForExitAsync(TestContext.Current.CancellationToken);
        again.ExitCode.ShouldBe(0);
    }

    private static async Task<Process> Run(TestNetwork net, int i)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "EventLedger.Validator.dll"));
        start.ArgumentList.Add("--data");
        start.ArgumentList.Add(net.DirectoryOf(i));
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldBe($"validator v{i + 1} listening https://{net.Genesis.Validators[i].Address}");
        return process;
    }
}
