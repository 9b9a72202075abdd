using System.Text.Json.Nodes;
using EventLedger.Conformance.Support;
using Npgsql;

namespace EventLedger.Conformance;

/// <summary>An older copy of the database is put in place: the host sees it, takes nothing in, and recovery mends it.</summary>
public sealed class StoreBehindTests
{
    [Fact]
    public async Task A_store_behind_the_chain_is_read_only_and_says_which_entry_is_missing_until_it_is_recovered()
    {
        await using var ledger = await TestLedger.Start();
        var source = await Agency.Register(ledger);
        await ledger.MustRun(await source.Table(20));
        var copied = await ledger.AllSealed();
        await ledger.StopHost();
        var older = await Copy(ledger);
        ledger.StartHost();
        await ledger.Ready();
        var last = await source.Accepted(source.Licence("after the copy"));
        await ledger.Sealed(last);
        await ledger.StopHost();

        ledger.Connection = older;
        ledger.StartHost();
        var told = await Wait.For<JsonObject>("it says why", async () => await ledger.Get("/health/ready") is (503, var body) && Says(body, "missing") ? body : null);
        Says(told, $"entry {copied + 1} is missing").ShouldBeTrue(told.ToJsonString());
        var (status, problem) = await source.Submit(source.Licence("too early"));
        status.ShouldBe(503, problem.ToJsonString());
        (await ledger.Scalar("select max(seq_id) from mt_events")).ShouldBe(copied);

        await ledger.MustRun("recover", "--data", ledger.Data);
        await ledger.Ready();
        (await ledger.Get($"/u2s/v1/records/{last}")).Status.ShouldBe(200);
        await ledger.Sealed(await source.Accepted(source.Licence("in time")));
        var (exit, said) = await ledger.Audit();
        exit.ShouldBe(0, said);
    }

    private static bool Says(JsonObject problem, string what) => problem["detail"]?.GetValue<string>().Contains(what, StringComparison.Ordinal) == true;

    private static async Task<string> Copy(TestLedger ledger)
    {
        var (now, copy) = (new NpgsqlConnectionStringBuilder(ledger.Connection), new NpgsqlConnectionStringBuilder(await ledger.Postgres.CreateDatabase()));
        (ledger.Connection, var kept) = (copy.ConnectionString, ledger.Connection);
        var older = $"{copy.Database}_older";
        await ledger.Execute($"create database {older} template {now.Database}");
        ledger.Connection = kept;
        return new NpgsqlConnectionStringBuilder(kept) { Database = older }.ConnectionString;
    }
}
