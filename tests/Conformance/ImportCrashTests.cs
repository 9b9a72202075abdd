using System.Globalization;
using EventLedger.Conformance.Support;

namespace EventLedger.Conformance;

/// <summary>A bulk import that is cut by kill -9: the same command again completes it, without loss and without doubles.</summary>
public sealed class ImportCrashTests
{
    private static readonly int Rows = Environment.GetEnvironmentVariable("EVENTLEDGER_FULL") == "1" ? 20_000 : 3_000;

    [Fact]
    public async Task An_import_survives_the_death_of_the_host()
    {
        await using var ledger = await TestLedger.Start();
        var source = await Agency.Register(ledger);
        var import = await source.Table(Rows);
        var first = ledger.Run(import);
        await Taken(ledger, Rows / 3);
        ledger.KillHost();
        (await first).Exit.ShouldNotBe(0);
        var acknowledged = source.Receipts();
        acknowledged.Count.ShouldBeInRange(1, Rows - 1);

        ledger.StartHost();
        await ledger.Ready();
        await ledger.MustRun(import);
        await Whole(ledger, source, acknowledged);
    }

    [Fact]
    public async Task An_import_survives_the_death_of_the_database()
    {
        await using var ledger = await TestLedger.Start();
        Assert.SkipUnless(ledger.Postgres.IsPrivate, "A database server that is not the test's own is not killed.");
        var source = await Agency.Register(ledger);
        var import = await source.Table(Rows);
        var first = ledger.Run(import);
        await Taken(ledger, Rows / 3);
        ledger.Postgres.Kill();
        var acknowledged = source.Receipts();
        await ledger.Postgres.Start();
        // The host may have carried on where it was, or have told the importer that it could not.
        await first;
        await ledger.Ready();
        await ledger.MustRun(import);
        await Whole(ledger, source, acknowledged);
    }

    private static Task Taken(TestLedger ledger, int rows) =>
        Wait.Until($"{rows} rows are in", async () => await ledger.Scalar("select count(*) from mt_events where type = 'submission_accepted'") >= rows);

    private static async Task Whole(TestLedger ledger, Agency source, IReadOnlyList<(long Seq, string Leaf)> acknowledged)
    {
        await ledger.AllSealed();
        await ledger.AllProjected();
        (await ledger.Get("/u2s/v1/records?state=sealed&limit=1")).Body["total"]!.GetValue<int>().ShouldBe(Rows);
        (await ledger.Scalar("select count(*) from mt_events where type = 'submission_accepted'")).ShouldBe(Rows);
        (await ledger.Scalar("select count(distinct stream_id) from mt_events where type = 'submission_accepted'")).ShouldBe(Rows);
        (await ledger.Scalar("select count(*) from ledger_rejections")).ShouldBe(0);
        var leaves = (await ledger.Rows("select seq || ' ' || encode(leaf, 'hex') from ledger_entries")).ToHashSet();
        var receipts = source.Receipts();
        receipts.Select(r => r.Seq).Distinct().Count().ShouldBe(Rows);
        acknowledged.Concat(receipts).Where(r => !leaves.Contains(string.Create(CultureInfo.InvariantCulture, $"{r.Seq} {r.Leaf}"))).ShouldBeEmpty();
        TestContext.Current.TestOutputHelper!.WriteLine($"{Rows} rows, {acknowledged.Count} acknowledged before the kill, all sealed once in {(await ledger.Head()).Height} blocks");
        var (exit, said) = await ledger.Audit();
        exit.ShouldBe(0, said);
    }
}
