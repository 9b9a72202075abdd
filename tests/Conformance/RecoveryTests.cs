using System.Text.RegularExpressions;
using EventLedger.Conformance.Support;
using Npgsql;

namespace EventLedger.Conformance;

/// <summary>The database is lost: one validator and the vault give everything back.</summary>
public sealed partial class RecoveryTests
{
    // A commit is any quorum's signatures, so a validator may rightly hold other ones than the host did.
    private static readonly string[] Tables =
    [
        "select t::text from mt_streams t order by id", "select t::text from mt_events t order by seq_id", "select t::text from mt_event_progression t order by name",
        "select t::text from ledger_head t", "select t::text from ledger_entries t order by seq", "select t::text from ledger_sidecars t order by seq",
        "select t::text from ledger_uniques t order by kind, key", "select row(height, first, size, time, header)::text from ledger_blocks order by height",
        "select t::text from ledger_rejections t order by seq", "select t::text from ledger_nodes t order by level, index", "select t::text from ledger_projections t order by name",
    ];

    [Fact]
    [Y4561("D-6.1.2-b")]
    [Y4561("N-6.2.4-c")]
    public async Task A_lost_database_comes_back_from_one_validator_row_by_row_and_page_by_page()
    {
        await using var ledger = await TestLedger.Start();
        var source = await Agency.Register(ledger);
        await ledger.MustRun(await source.Table(300));
        await ledger.MustRun(source.Status("suspended", "L-000003"));
        await ledger.MustRun(source.Status("revoked", "L-000004"));
        var newer = await source.Accepted(source.Licence("L-000005"));
        await ledger.AllSealed();
        await ledger.AllProjected();
        await StandStill(ledger);
        string[] pages = ["/", "/licence/L-000003", "/licence/L-000004", "/licence/L-000005", $"/record/{newer}", "/block/2",
            "/u2s/v1/licences/L-000005", "/u2s/v1/records?state=sealed&limit=1000", $"/u2s/v1/records/{newer}/history"];
        var before = await Seen(ledger, pages);
        await ledger.StopHost();

        var lost = new NpgsqlConnectionStringBuilder(ledger.Connection).Database;
        ledger.Connection = await ledger.Postgres.CreateDatabase();
        await ledger.Execute($"drop database {lost} with (force)");
        await ledger.MustRun("recover", "--validator", "validator-2", "--data", ledger.Data);
        ledger.StartHost();
        await ledger.Ready();
        await ledger.AllProjected();

        var after = await Seen(ledger, pages);
        after.Head.ShouldBe(before.Head);
        after.Rows.ShouldBe(before.Rows);
        foreach (var (path, now, then) in pages.Zip(after.Pages, before.Pages))
        {
            now.Split('\n').Except(then.Split('\n')).ShouldBeEmpty(path);
            now.ShouldBe(then, path);
        }
        ledger.StartValidators(3, 4);
        await ledger.Sealed(await source.Accepted(source.Licence("L-after")));
        var (exit, said) = await ledger.Audit();
        exit.ShouldBe(0, said);
    }

    // With two validators gone no heartbeat moves the head on between one look and the next.
    private static async Task StandStill(TestLedger ledger)
    {
        await Wait.Until("all validators are at the head", async () =>
        {
            var head = (await ledger.Head()).Height;
            var heights = await Task.WhenAll(Enumerable.Range(1, 4).Select(async n => (await ledger.Validator(n))!["height"]!.GetValue<long>()));
            return heights.All(h => h == head);
        });
        ledger.KillValidators(3, 4);
    }

    private static async Task<((long, long, string) Head, List<string> Rows, List<string> Pages)> Seen(TestLedger ledger, string[] pages)
    {
        var (rows, texts) = (new List<string>(), new List<string>());
        foreach (var table in Tables)
        {
            rows.AddRange(await ledger.Rows(table));
        }
        foreach (var page in pages)
        {
            texts.Add(Signers().Replace(await ledger.Page(page), ""));
        }
        return (await ledger.Head(), rows, texts);
    }

    [GeneratedRegex(@"Sealed by \d of|<li><bdi>validator-\d</bdi></li>\s*|&quot;signedBy&quot;: \[[^\]]*\]")]
    private static partial Regex Signers();
}
