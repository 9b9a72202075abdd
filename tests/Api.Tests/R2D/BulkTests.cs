using System.Net;
using System.Text;
using System.Text.Json;
using EventLedger.Api.Tests.Support;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using EventLedger.Tests.Shared;
using Xunit;

namespace EventLedger.Api.Tests.R2D;

public sealed class BulkTests(PostgresFixture postgres) : IAsyncLifetime
{
    private TestLedger ledger = null!;
    private Agency agency = null!;

    public async ValueTask InitializeAsync()
    {
        ledger = await TestLedger.Start(await postgres.Cluster.CreateDatabase());
        agency = await Agency.Register(ledger);
    }

    public ValueTask DisposeAsync() => ledger.DisposeAsync();

    [Fact]
    public async Task Every_line_gets_its_answer_in_order_and_all_good_ones_are_sealed()
    {
        var lines = Enumerable.Range(0, 700).Select(i => i % 100 == 50 ? "nonsense" : agency.Licence($"N-{i % 600}")).ToList();
        var answers = await Send(lines);

        answers.Select(a => a.GetProperty("line").GetInt64()).ShouldBe(Enumerable.Range(1, 700).Select(i => (long)i));
        answers.Where((_, i) => i % 100 == 50).ShouldAllBe(a => a.GetProperty("problem").GetProperty("code").GetString() == RejectionCode.RecordMalformed);
        var seqs = answers.Where((_, i) => i % 100 != 50).Select(a => a.GetProperty("seq").GetInt64()).ToList();
        seqs.ShouldBe(seqs.Order());
        seqs.Distinct().Count().ShouldBe(693);
        await ledger.Sealed(seqs[^1]);
        (await ledger.Get<IEventStore>().Rejections(1, seqs[^1], default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_import_that_was_cut_resumes_without_a_duplicate()
    {
        var lines = Enumerable.Range(0, 600).Select(i => agency.Licence($"R-{i}")).ToList();
        var first = await Send(lines.Take(350));
        var again = await Send(lines);

        again.Take(350).Select(a => a.GetProperty("seq").GetInt64()).ShouldBe(first.Select(a => a.GetProperty("seq").GetInt64()));
        again.Select(a => a.GetProperty("seq").GetInt64()).Distinct().Count().ShouldBe(600);
        (await ledger.Get<IEventStore>().Head(default)).Seq.ShouldBe(again.Max(a => a.GetProperty("seq").GetInt64()));
    }

    [Fact]
    public async Task A_change_of_status_may_follow_its_record_in_the_same_request()
    {
        var revoke = RecordRules.CreateStatusChange(agency.Key, agency.Iss, ledger.Genesis.Chain, "s-1", Agency.Now, "licence", ["S-1"], RecordStatus.Revoked, null);
        var answers = await Send([agency.Licence("S-1"), revoke, agency.Licence("S-2")]);

        answers.ShouldAllBe(a => a.GetProperty("status").GetString() == "accepted");
    }

    [Fact]
    public async Task A_line_that_is_too_long_or_empty_is_refused_alone()
    {
        var answers = await Send([agency.Licence("L-1"), new string('a', 200_000), "", agency.Licence("L-2")]);

        answers.Count.ShouldBe(4);
        answers[1].GetProperty("problem").GetProperty("code").GetString().ShouldBe("body-too-large");
        answers[2].GetProperty("problem").GetProperty("code").GetString().ShouldBe("line-empty");
        answers[3].GetProperty("status").GetString().ShouldBe("accepted");
    }

    [Fact]
    public async Task Answers_come_while_the_request_is_still_open()
    {
        var more = new TaskCompletionSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/r2d/v1/submissions/bulk")
        {
            Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new Streamed(async stream =>
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes(agency.Licence("O-1") + "\n"));
                await stream.FlushAsync();
                await more.Task;
                await stream.WriteAsync(Encoding.ASCII.GetBytes(agency.Licence("O-2") + "\n"));
            }),
        };
        request.Content.Headers.ContentType = new("application/vnd.eventledger.sd-jwt-lines");
        using var response = await ledger.Http2.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());

        (await reader.ReadLineAsync()).ShouldNotBeNull().ShouldContain("\"line\":1");
        more.SetResult();
        (await reader.ReadLineAsync()).ShouldNotBeNull().ShouldContain("\"line\":2");
        (await reader.ReadLineAsync()).ShouldBeNull();
    }

    private async Task<List<JsonElement>> Send(IEnumerable<string> lines)
    {
        using var content = new StringContent(string.Concat(lines.Select(l => l + "\n")), Encoding.ASCII, "application/vnd.eventledger.sd-jwt-lines");
        using var response = await ledger.Http.PostAsync("/r2d/v1/submissions/bulk", content);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var text = await response.Content.ReadAsStringAsync();
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];
    }

    private sealed class Streamed(Func<Stream, Task> write) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => write(stream);

        protected override bool TryComputeLength(out long length)
        {
            length = -1;
            return false;
        }
    }
}
