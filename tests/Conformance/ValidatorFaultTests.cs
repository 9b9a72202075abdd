using System.Text.Json.Nodes;
using EventLedger.Conformance.Support;

namespace EventLedger.Conformance;

/// <summary>kill -9 of validators: one is not missed, two stop the seal and nothing else.</summary>
public sealed class ValidatorFaultTests
{
    private const int RoundMax = 2;

    [Fact]
    [Y4561("D-6.1.2-a")]
    [Y4561("N-6.2.4-a")]
    [Y4561("D-7.1.2-f")]
    public async Task Without_one_validator_sealing_goes_on_within_two_rounds_and_it_comes_back()
    {
        await using var ledger = await TestLedger.Start();
        var source = await Agency.Register(ledger);
        await ledger.Sealed(await source.Accepted(source.Licence("A-0")));
        using var stop = new CancellationTokenSource();
        var load = Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Submit(source, writer, stop.Token)));
        var gone = await Proposer(ledger);
        var before = (await ledger.Head()).Height;
        ledger.KillValidators(gone);
        await Wait.Until("20 blocks without it", async () => (await ledger.Head()).Height >= before + 20);
        await stop.CancelAsync();
        var accepted = await load;
        await ledger.AllSealed();

        var rounds = new List<int>();
        for (var height = before + 1; height <= (await ledger.Head()).Height; height++)
        {
            rounds.Add((await ledger.Get($"/ledger/v1/blocks/{height}")).Body["commit"]!["round"]!.GetValue<int>());
        }
        TestContext.Current.TestOutputHelper!.WriteLine($"{rounds.Count} blocks without it, rounds {string.Join(", ", rounds.CountBy(r => r).OrderBy(r => r.Key).Select(r => $"{r.Key}: {r.Value}"))}");
        rounds.ShouldAllBe(round => round <= RoundMax);
        accepted.Sum().ShouldBe((await ledger.Get("/u2s/v1/records?state=sealed&limit=1")).Body["total"]!.GetValue<int>() - 1);

        ledger.StartValidators(gone);
        await Caught(ledger, gone);
        // Three are needed for a seal, so with another one gone this one must sign again.
        ledger.KillValidators(gone % 4 + 1);
        await ledger.Sealed(await source.Accepted(source.Licence("A-last")));
    }

    [Fact]
    [Y4561("N-6.2.2-b")]
    public async Task Without_two_validators_nothing_claims_to_be_authentic_and_sealing_resumes_when_one_returns()
    {
        await using var ledger = await TestLedger.Start();
        var source = await Agency.Register(ledger);
        var old = await source.Accepted(source.Licence("B-0"));
        await ledger.Sealed(old);
        ledger.KillValidators(1, 3);

        var (status, body) = await source.Submit(source.Licence("B-1"), prefer: "wait=2");
        status.ShouldBe(202);
        body["status"]!.GetValue<string>().ShouldBe("accepted");
        var seq = body["seq"]!.GetValue<long>();
        var more = await Task.WhenAll(Enumerable.Range(2, 20).Select(n => source.Accepted(source.Licence($"B-{n}"))));
        await ledger.AllProjected();

        (await ledger.Get($"/r2d/v1/submissions/{seq}")).Body["status"]!.GetValue<string>().ShouldBe("accepted");
        var record = (await ledger.Get($"/u2s/v1/records/{seq}")).Body;
        record["state"]!.GetValue<string>().ShouldBe("accepted");
        record.ContainsKey("status").ShouldBeFalse();
        record.ContainsKey("sealed").ShouldBeFalse();
        (await ledger.Get("/u2s/v1/licences/B-1")).Body["state"]!.GetValue<string>().ShouldBe("accepted");
        foreach (var page in new[] { $"/record/{seq}", "/licence/B-1" })
        {
            (await ledger.Page(page)).ShouldContain("Waiting for its seal");
            (await ledger.Page(page)).ShouldNotContain("is valid");
        }
        (await Problem(ledger, $"/u2s/v1/records/{seq}/proof")).ShouldBe((409, "record-not-sealed"));
        // What was sealed before stays readable, but its status of today is nothing that two can vouch for.
        (await ledger.Page($"/record/{old}")).ShouldContain("Sealed");
        (await Problem(ledger, $"/u2s/v1/records/{old}/proof")).ShouldBe((503, "status-unavailable"));

        ledger.StartValidators(3);
        await ledger.Sealed(more.Max());
        (await ledger.Get($"/u2s/v1/records/{seq}")).Body["state"]!.GetValue<string>().ShouldBe("sealed");
        await Wait.Until("the status is signed again", async () => (await ledger.Get($"/u2s/v1/records/{seq}/proof")).Status == 200);
    }

    // Whoever proposed the newest block proposes the next one too: its end is the one that hurts.
    private static async Task<int> Proposer(TestLedger ledger)
    {
        var kid = (await ledger.Get("/ledger/v1/head")).Body["header"]!["proposer"]!.GetValue<string>();
        return ledger.Genesis.Validators.ToList().FindIndex(v => v.Member.Kid == kid) + 1;
    }

    private static Task Caught(TestLedger ledger, int n) => Wait.Until($"validator {n} takes part again", async () => await ledger.Validator(n) is JsonObject said
        && said["online"]!.GetValue<bool>() && !said["observing"]!.GetValue<bool>() && said["height"]!.GetValue<long>() >= (await ledger.Head()).Height);

    private static async Task<int> Submit(Agency source, int writer, CancellationToken stop)
    {
        var done = 0;
        for (; !stop.IsCancellationRequested; done++)
        {
            await source.Accepted(source.Licence($"A-{writer}-{done}"));
        }
        return done;
    }

    private static async Task<(int Status, string Code)> Problem(TestLedger ledger, string path)
    {
        var (status, body) = await ledger.Get(path);
        return (status, body["type"]?.GetValue<string>().Split('/')[^1] ?? body.ToJsonString());
    }
}
