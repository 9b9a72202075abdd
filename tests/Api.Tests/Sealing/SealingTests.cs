using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Host;
using EventLedger.Api.Tests.Support;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using EventLedger.Tests.Shared;
using Xunit;

namespace EventLedger.Api.Tests.Sealing;

public sealed class SealingTests(PostgresFixture postgres) : IAsyncLifetime
{
    private TestLedger ledger = null!;

    public async ValueTask InitializeAsync() => ledger = await TestLedger.Start(await postgres.Cluster.CreateDatabase());

    public ValueTask DisposeAsync() => ledger.DisposeAsync();

    [Fact]
    public async Task A_forged_approval_is_sealed_as_rejected_without_effect_and_raises_a_finding()
    {
        var forger = new Agency(ledger, "https://forger.example");
        var (_, asked) = await forger.Ask();
        var request = SourceRequest.Create(forger.Key, forger.Iss, "Forger", ledger.Genesis.Chain, Agency.Now);
        var stream = EventTable.SourceStream(forger.Iss);
        var data = Agency.Signed(ledger, EventTable.SourceApproved, stream, 1, new JsonObject { ["request"] = request }, [TestLedger.NewKey(KeyPurpose.Operator)]);
        var store = ledger.Get<IEventStore>();

        var appended = (await store.Append(new(stream, 1, new(EventTable.SourceApproved, "forger", Jcs.Bytes(data))), default))
            .ShouldBeOfType<AppendResult.Appended>();
        await ledger.Sealed(appended.FirstSeq);
        var rejected = (await store.Rejections(1, appended.FirstSeq, default)).ShouldHaveSingleItem();
        rejected.ShouldBe(new RejectedEntry(appended.FirstSeq, RejectionCode.AuthorizationSignature));
        await ledger.Sealed(appended.FirstSeq + 1);

        ledger.Get<HostState>().Registry.Sources.ShouldNotContainKey(forger.Iss);
        (await forger.RegisterFormat()).Status.ShouldBe(202);
        var (status, body) = await forger.Submit(forger.Licence("X"));
        status.ShouldBe(403);
        body.GetProperty("type").GetString().ShouldBe("/problems/source-unknown");
        var finding = (await store.ReadStream(EventTable.FindingStream, 1, default)).ShouldHaveSingleItem();
        using var found = JsonDocument.Parse(finding.Entry.Data);
        found.RootElement.GetProperty("seq").GetInt64().ShouldBe(appended.FirstSeq);
        asked.GetProperty("version").GetInt64().ShouldBe(1);
    }

    [Fact]
    [Y4561("D-7.1.1-d")]
    public async Task A_record_that_a_host_let_in_twice_is_sealed_once()
    {
        var agency = await Agency.Register(ledger);
        SdJwt.TryParse(agency.Licence("T-1"), out var record, out _).ShouldBeTrue();
        var stream = ledger.Get<HostState>().Registry.Formats[Agency.Vct].Format.StreamOf(record!.Payload)!;
        var data = Jcs.Bytes(new JsonObject { ["record"] = record.Jwt });
        var store = ledger.Get<IEventStore>();

        await store.Append(new(stream, 0, new(EventTable.SubmissionAccepted, agency.Iss, data)), default);
        var twice = (await store.Append(new(stream, 1, new(EventTable.SubmissionAccepted, agency.Iss, data)), default)).ShouldBeOfType<AppendResult.Appended>();
        await ledger.Sealed(twice.FirstSeq);

        (await store.Rejections(1, twice.FirstSeq, default)).ShouldHaveSingleItem().ShouldBe(new(twice.FirstSeq, RejectionCode.JtiReused));
        var (_, stands) = await Agency.Read(await ledger.Http.GetAsync($"/r2d/v1/submissions/{twice.FirstSeq}"));
        stands.GetProperty("status").GetString().ShouldBe("rejected");
        stands.GetProperty("code").GetString().ShouldBe(RejectionCode.JtiReused);
    }

    [Fact]
    public async Task Records_that_come_one_by_one_share_blocks()
    {
        var agency = await Agency.Register(ledger);
        await ledger.Sealed(await Submit(agency, "F-0"));
        var head = ledger.Get<LedgerHead>();
        var (clock, before) = (Stopwatch.StartNew(), head.Header.Height);
        var last = 0L;
        for (var i = 1; i <= 100; i++)
        {
            last = await Submit(agency, $"F-{i}");
        }
        await ledger.Sealed(last);
        // Each batch leaves 50 ms after the one before or later; one more may have been on its way, and one heartbeat.
        (head.Header.Height - before).ShouldBeLessThanOrEqualTo(clock.ElapsedMilliseconds / 50 + 3);
    }

    [Fact]
    public async Task Sealing_goes_on_without_one_validator_waits_without_two_and_resumes_by_itself()
    {
        var agency = await Agency.Register(ledger);
        await ledger.StopValidator(0);
        await ledger.Sealed(await Submit(agency, "V-1"));
        await ledger.StopValidator(1);
        var waiting = await Submit(agency, "V-2");
        (await ledger.Get<LedgerHead>().WaitSealed(waiting, TimeSpan.FromSeconds(2))).ShouldBeFalse();
        await ledger.StartValidators(1);
        await ledger.Sealed(waiting);
    }

    [Fact]
    public async Task A_host_that_starts_again_goes_on_where_the_chain_stands()
    {
        var agency = await Agency.Register(ledger);
        await ledger.Sealed(await Submit(agency, "W-1"));
        await ledger.StopHost();
        await ledger.StartHost();
        await ledger.Ready();

        await ledger.Sealed(await Submit(agency, "W-2"));
        (await ledger.Get<IEventStore>().Rejections(1, 1000, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Block_rows_that_are_missing_are_fetched_and_a_missing_entry_keeps_the_store_read_only()
    {
        var agency = await Agency.Register(ledger);
        var seq = await Submit(agency, "Y-1");
        await ledger.Sealed(seq);
        await ledger.StopHost();
        await Database.Run(ledger.Connection, "set ledger.guard = off; delete from ledger_blocks where height > 1");
        await ledger.StartHost();
        await ledger.Ready();
        await ledger.Sealed(seq);

        await ledger.StopHost();
        await Database.Run(ledger.Connection, $"""
            set ledger.guard = off;
            delete from ledger_blocks where size >= {seq};
            delete from mt_events where seq_id >= {seq}; delete from ledger_entries where seq >= {seq};
            update ledger_head set seq = {seq - 1};
            """);
        await ledger.StartHost();
        using var response = await ledger.Http.GetAsync("/health/ready");
        (await Told($"entry {seq} is missing")).ShouldBeTrue();
        (await agency.Submit(agency.Licence("Y-2"))).Status.ShouldBe(503);
    }

    [Fact]
    [Y4561("N-8.2-d")]
    public async Task The_chain_can_be_read_and_checked_from_outside()
    {
        var agency = await Agency.Register(ledger);
        await ledger.Sealed(await Submit(agency, "Z-1"));

        (await ledger.Http.GetByteArrayAsync("/ledger/v1/genesis")).ShouldBe(ledger.Genesis.File);
        var (_, head) = await Agency.Read(await ledger.Http.GetAsync("/ledger/v1/head"));
        BlockHeader.TryParse(head.GetProperty("header"), out var header).ShouldBeTrue();
        Commit.TryParse(head.GetProperty("commit"), out var commit).ShouldBeTrue();
        commit!.Block.ShouldBe(header!.Hash);
        commit.Problem(ledger.Genesis.Chain, ledger.Genesis.Set).ShouldBeNull();
        var (_, block) = await Agency.Read(await ledger.Http.GetAsync("/ledger/v1/blocks/1"));
        BlockHeader.TryParse(block.GetProperty("header"), out var first).ShouldBeTrue();
        var (_, proof) = await Agency.Read(await ledger.Http.GetAsync($"/ledger/v1/consistency?from={first!.Size}&to={header.Size}"));
        MerkleTree.VerifyConsistency(first.Size, first.Root, header.Size, header.Root,
            [.. proof.GetProperty("path").EnumerateArray().Select(p => Digest.Parse(p.GetString()!))]).ShouldBeTrue();
        var (_, validators) = await Agency.Read(await ledger.Http.GetAsync("/ledger/v1/validators"));
        validators.GetProperty("validators").EnumerateArray().Count(v => v.GetProperty("online").GetBoolean()).ShouldBe(4);
        (await Agency.Read(await ledger.Http.GetAsync("/ledger/v1/blocks/99999"))).Status.ShouldBe(404);
        (await Agency.Read(await ledger.Http.GetAsync("/ledger/v1/consistency?from=5&to=2"))).Status.ShouldBe(400);
    }

    private static async Task<long> Submit(Agency agency, string number)
    {
        var (status, body) = await agency.Submit(agency.Licence(number));
        status.ShouldBe(202, body.ToString());
        return body.GetProperty("seq").GetInt64();
    }

    private async Task<bool> Told(string what)
    {
        var limit = DateTime.UtcNow.AddSeconds(30);
        while (DateTime.UtcNow < limit)
        {
            if ((await (await ledger.Http.GetAsync("/health/ready")).Content.ReadAsStringAsync()).Contains(what, StringComparison.Ordinal))
            {
                return true;
            }
            await Task.Delay(50);
        }
        return false;
    }
}
