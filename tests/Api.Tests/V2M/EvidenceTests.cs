extern alias validator;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Tests.Support;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using EventLedger.Tests.Shared;
using EventLedger.Validator.Network;
using Xunit;
using TransportCertificate = validator::EventLedger.Wire.TransportCertificate;
using Step = EventLedger.Validator.Consensus.Step;
using Vote = EventLedger.Validator.Consensus.Vote;

namespace EventLedger.Api.Tests.V2M;

public sealed class EvidenceTests(PostgresFixture postgres) : IAsyncLifetime
{
    private TestLedger ledger = null!;

    public async ValueTask InitializeAsync() => ledger = await TestLedger.Start(await postgres.Cluster.CreateDatabase());

    public ValueTask DisposeAsync() => ledger.DisposeAsync();

    [Fact]
    [Y4561("D-7.3.11")]
    public async Task A_validator_that_votes_twice_ends_up_sealed_listed_and_proved_by_the_downloaded_file_alone()
    {
        (await Get("/v2m/v1/evidence")).Body.GetProperty("total").GetInt64().ShouldBe(0);
        var traitor = ledger.Genesis.Validators[3];
        await ledger.StopValidator(3);
        using var stop = new CancellationTokenSource();
        var voting = VoteTwice(traitor, stop.Token);
        var item = await Until(async () => await Get("/v2m/v1/evidence") is (200, var page) && page.GetProperty("total").GetInt64() > 0 ? page.GetProperty("items")[0] : null);
        await stop.CancelAsync();
        await voting;

        (item.GetProperty("standing").GetString(), item.GetProperty("kind").GetString(), item.GetProperty("name").GetString(), item.GetProperty("kid").GetString())
            .ShouldBe(("proved", EvidenceKind.DoubleVote, traitor.Name, traitor.Member.Kid));
        var seq = item.GetProperty("seq").GetInt64();
        item.GetProperty("sealed").GetProperty("height").GetInt64().ShouldBeGreaterThan(0);
        (await Get($"/v2m/v1/evidence/{seq}")).Body.GetProperty("evidence").GetProperty("first").GetProperty("sig").GetString().ShouldNotBeNullOrEmpty();
        (await Get("/v2m/v1/evidence/1")).Body.GetProperty("type").GetString().ShouldBe("/problems/evidence-unknown");
        (await Get("/v2m/v1/evidence?limit=0")).Status.ShouldBe(400);
        var finding = await Until(async () => (await ledger.Get<IEventStore>().ReadStream(EventTable.FindingStream, 1, default)).Select(e => Parsed(e.Entry)).FirstOrDefault(d => d.GetProperty("seq").GetInt64() == seq)
            is { ValueKind: JsonValueKind.Object } data ? data : null);
        (finding.GetProperty("kind").GetString(), finding.GetProperty("validator").GetString()).ShouldBe(("validator-misbehaved", traitor.Member.Kid));
        // Three validators found each misbehaviour; the ledger shows it once, and rejected nothing.
        var shown = (await ledger.Get<IEventStore>().ReadStream(EventTable.EvidenceStream(traitor.Member.Kid), 1, default)).Select(e => Read(e.Entry).Key).ToList();
        shown.ShouldBeUnique();
        (await ledger.Get<IEventStore>().Rejections(1, seq, default)).ShouldBeEmpty();

        var file = Path.Combine(ledger.Data, "evidence.json");
        await File.WriteAllBytesAsync(file, await ledger.Http.GetByteArrayAsync($"/v2m/v1/evidence/{seq}/file"));
        await ledger.StopHost();
        await Task.WhenAll(Enumerable.Range(0, 3).Select(ledger.StopValidator));
        (await Cli("evidence", "verify", file, "--genesis", Path.Combine(ledger.Data, "genesis.json"))).ShouldBe((0, "proved (ok)"));
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace("\"round\":0", "\"round\":1", StringComparison.Ordinal));
        (await Cli("evidence", "verify", file, "--genesis", Path.Combine(ledger.Data, "genesis.json"))).ShouldBe((1, "not-proved (signature-wrong)"));
    }

    [Fact]
    public async Task Evidence_that_a_host_forged_is_sealed_as_rejected_and_held_against_nobody()
    {
        var innocent = ledger.Genesis.Validators[0].Member.Kid;
        var vote = new SignedStatement("prevote", 0, null, Digest.Of("a"), B64.Encode(new byte[64]));
        var forged = Evidence.Of(ledger.Genesis.Chain, innocent, 1, vote, vote with { Block = Digest.Of("b") })!;
        var store = ledger.Get<IEventStore>();
        var appended = (await store.Append(new(EventTable.EvidenceStream(innocent), 0,
            new(EventTable.EvidenceShown, innocent, Jcs.Bytes(new JsonObject { ["evidence"] = forged.ToJson() }))), default)).ShouldBeOfType<AppendResult.Appended>();
        await ledger.Sealed(appended.FirstSeq);
        (await store.Rejections(1, appended.FirstSeq, default)).ShouldHaveSingleItem().ShouldBe(new RejectedEntry(appended.FirstSeq, RejectionCode.SignatureWrong));
        (await Get("/v2m/v1/evidence")).Body.GetProperty("total").GetInt64().ShouldBe(0);
        (await Get($"/v2m/v1/evidence/{appended.FirstSeq}/file")).Status.ShouldBe(404);
    }

    // The traitor's streams, opened with its own keys. It votes at whatever height is in work, until it was seen.
    private async Task VoteTwice(GenesisValidator traitor, CancellationToken stop)
    {
        using var transport = Key("transport");
        using var consensus = Key("consensus");
        var peers = ledger.Genesis.Validators.Where(v => v != traitor).Select(v => new PeerAddress(v.Member.Kid, [v.Address], [v.Member.Keys[KeyPurpose.Transport].Kid])).ToList();
        using var open = new SemaphoreSlim(0);
        await using var streams = new Peers(peers, TransportCertificate.Create(ECDsa.Create(transport.Export())), _ => open.Release());
        for (var i = 0; i < peers.Count; i++)
        {
            await open.WaitAsync(TimeSpan.FromSeconds(30), CancellationToken.None);
        }
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!stop.IsCancellationRequested)
        {
            var height = ledger.Get<Host.LedgerHead>().Header.Height + 1;
            foreach (var value in new Digest?[] { Digest.Of("a"), null })
            {
                var signature = consensus.Sign(Commit.VoteBytes(ledger.Genesis.Chain, height, 0, "prevote", value));
                streams.Broadcast(new() { Vote = WireForms.Write(new Vote(height, 0, Step.Prevote, value, traitor.Member.Kid, signature)) });
            }
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private SigningKey Key(string purpose) =>
        SigningKey.TryParse(File.ReadAllBytes(Path.Combine(ledger.Data, "validators", "3", "keys", $"{purpose}.json")), out var key) ? key : throw new InvalidDataException(purpose);

    private async Task<(int Status, JsonElement Body)> Get(string path) => await Agency.Read(await ledger.Http.GetAsync(path));

    private static JsonElement Parsed(Entry entry) => JsonDocument.Parse(entry.Data).RootElement;

    private static Evidence Read(Entry entry) => Evidence.TryParse(Parsed(entry).GetProperty("evidence"), out var evidence) ? evidence : throw new InvalidDataException();

    private static async Task<JsonElement> Until(Func<Task<JsonElement?>> look)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (var tries = 0; tries < 1200; tries++)
        {
            if (await look() is { } found)
            {
                return found;
            }
            await timer.WaitForNextTickAsync();
        }
        throw new TimeoutException("It did not come within a minute.");
    }

    private static async Task<(int Exit, string FirstLine)> Cli(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(Root(AppContext.BaseDirectory), "src", "Cli", "bin", "Release", "net10.0", "EventLedger.Cli.dll"), .. arguments]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, said.Split('\n')[0]);
    }

    private static string Root(string from) => File.Exists(Path.Combine(from, "EventLedger.sln")) ? from : Root(Path.GetDirectoryName(from)!);
}
