using EventLedger.Api.Tests.Support;
using EventLedger.Domain.Ledger;
using EventLedger.Tests.Shared;
using Xunit;

namespace EventLedger.Api.Tests.V2M;

/// <summary>The command line does everything that a supervisor does, and its files verify offline.</summary>
public sealed class SuperviseCliTests(PostgresFixture postgres) : IAsyncLifetime
{
    private TestLedger ledger = null!;

    public async ValueTask InitializeAsync() => ledger = await TestLedger.Start(await postgres.Cluster.CreateDatabase());

    public ValueTask DisposeAsync() => ledger.DisposeAsync();

    [Fact]
    [Y4561("D-8.9-4")]
    public async Task A_supervisor_watches_audits_signs_and_takes_proofs_away_by_the_command_line()
    {
        var agency = await Agency.Register(ledger);
        (await agency.Submit(agency.Licence("A-1"), "wait=20")).Status.ShouldBe(201);
        var between = Agency.Now;
        (await agency.Submit(agency.Licence("A-2"), "wait=20")).Status.ShouldBe(201);
        var (_, key) = await TokenFor.Bind(ledger, Role.Supervisor);
        var file = Path.Combine(ledger.Data, "supervisor.json");
        await File.WriteAllBytesAsync(file, key.ToFile());
        var (report, proof, genesis) = (Path.Combine(ledger.Data, "report.json"), Path.Combine(ledger.Data, "proof.json"), Path.Combine(ledger.Data, "genesis.json"));

        (await Supervise(file, "watch", "--kind", "event", "--from-seq", "1", "--count", "3")).Output.Split('\n').Count(l => l.Contains("\"kind\":\"event\"", StringComparison.Ordinal)).ShouldBe(3);
        (await Supervise(file, "audit", "all")).Exit.ShouldBe(0);
        (await Supervise(file, "report", "all", "--out", report)).Exit.ShouldBe(0);
        (await Supervise(file, "consistency", "--from", between.ToString(), "--out", proof)).Exit.ShouldBe(0);
        (await Supervise(file, "finding", "open", "f-1", "twelve files are missing")).Exit.ShouldBe(0);
        (await Supervise(file, "finding", "close", "f-1", "found")).Exit.ShouldBe(0);
        (await Supervise(file, "rule", "quiet", "silence", "86400")).Exit.ShouldBe(0);
        (await Supervise(file, "ack", "999999", "nothing")).ShouldBe((1, ""));

        foreach (var path in (string[])[report, proof])
        {
            var (exit, said) = await LedgerCommand.Run("verify", path, "--genesis", genesis);
            (exit, said.StartsWith("authentic (ok)", StringComparison.Ordinal)).ShouldBe((0, true), said);
        }
    }

    private Task<(int Exit, string Output)> Supervise(string key, params string[] arguments) =>
        LedgerCommand.Run(["supervise", .. arguments, "--key", key, "--url", ledger.Http.BaseAddress!.ToString()]);
}
