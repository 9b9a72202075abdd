using System.Text.Json;
using EventLedger.Api.Tests.Support;
using EventLedger.Domain.Ledger.Formats;
using EventLedger.Tests.Shared;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace EventLedger.Api.Tests.R2D;

/// <summary>The catalogue of data interfaces says what is there, and nothing more.</summary>
public sealed class DataInterfaceTests(PostgresFixture postgres) : IAsyncLifetime
{
    private TestLedger ledger = null!;
    private Agency agency = null!;
    private Dictionary<string, JsonElement> all = null!;

    public async ValueTask InitializeAsync()
    {
        ledger = await TestLedger.Start(await postgres.Cluster.CreateDatabase());
        agency = await Agency.Register(ledger);
        var (_, body) = await Agency.Read(await ledger.Http.GetAsync("/r2d/v1/interfaces"));
        all = body.GetProperty("interfaces").EnumerateArray().ToDictionary(i => i.GetProperty("id").GetString()!);
    }

    public ValueTask DisposeAsync() => ledger.DisposeAsync();

    [Fact]
    [Y4561("D-7.3.4-a")]
    public void Each_category_is_offered_or_said_not_to_be()
    {
        all.Where(i => i.Value.GetProperty("offered").GetBoolean()).Select(i => i.Key).ShouldBe(["http-single", "http-bulk", "file-drop"]);
        all.Where(i => !i.Value.GetProperty("offered").GetBoolean()).Select(i => i.Key).ShouldBe(["ftp", "etl", "log"]);
        all.Values.Where(i => !i.GetProperty("offered").GetBoolean()).ShouldAllBe(i => i.GetProperty("reason").GetString()!.Length > 0);
        var posts = ledger.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(e => e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains("POST") == true)
            .Select(e => e.RoutePattern.RawText!);
        all.Values.Where(i => i.TryGetProperty("path", out _)).Select(i => i.GetProperty("path").GetString()!).ShouldBeSubsetOf(posts);
    }

    [Fact]
    [Y4561("D-7.3.4-a")]
    public async Task What_fits_the_parameters_of_one_record_is_taken_and_what_breaks_them_is_refused()
    {
        var (schema, record) = (SchemaOf("http-single"), agency.Licence("I-1"));
        Fits(schema, new() { ["Content-Type"] = "application/dc+sd-jwt", ["Prefer"] = "wait=30, return=minimal", ["body"] = record }).ShouldBeTrue();
        (await agency.Submit(record, "wait=30, return=minimal")).Status.ShouldBe(201);

        Fits(schema, new() { ["Content-Type"] = "text/plain", ["body"] = record }).ShouldBeFalse();
        (await agency.Submit(record, mediaType: "text/plain")).Status.ShouldBe(415);
        Fits(schema, new() { ["Content-Type"] = "application/dc+sd-jwt", ["body"] = new string('a', 70_000) }).ShouldBeFalse();
        (await agency.Submit(new string('a', 70_000))).Status.ShouldBe(413);
    }

    [Fact]
    [Y4561("D-7.3.4-a")]
    public async Task What_fits_the_parameters_of_many_records_is_taken()
    {
        string[] lines = [agency.Licence("I-2"), agency.Licence("I-3")];
        Fits(SchemaOf("http-bulk"), new() { ["Content-Type"] = "application/vnd.eventledger.sd-jwt-lines", ["body"] = lines }).ShouldBeTrue();
        Fits(SchemaOf("http-bulk"), new() { ["Content-Type"] = "application/vnd.eventledger.sd-jwt-lines", ["body"] = new[] { "" } }).ShouldBeFalse();
        using var content = new StringContent(string.Join('\n', lines));
        content.Headers.ContentType = new("application/vnd.eventledger.sd-jwt-lines");
        var answers = (await (await ledger.Http.PostAsync("/r2d/v1/submissions/bulk", content)).Content.ReadAsStringAsync()).Trim().Split('\n');
        answers.Length.ShouldBe(2);
        answers.ShouldAllBe(answer => !answer.Contains("problem", StringComparison.Ordinal));
    }

    /// <summary>The command has its own help: both name the same options.</summary>
    [Fact]
    [Y4561("D-7.3.4-a")]
    public async Task The_file_drop_has_the_options_that_its_command_has()
    {
        var (exit, help) = await LedgerCommand.Run("import", "--help");
        exit.ShouldBe(0, help);
        var properties = all["file-drop"].GetProperty("parameters").GetProperty("properties").EnumerateObject().Select(p => p.Name).Where(p => p.StartsWith("--", StringComparison.Ordinal));
        properties.ShouldAllBe(option => help.Contains(option, StringComparison.Ordinal));
        Fits(SchemaOf("file-drop"), new() { ["file"] = "register.csv", ["--map"] = "map.json", ["--iss"] = agency.Iss, ["--key"] = "record.json" }).ShouldBeTrue();
        Fits(SchemaOf("file-drop"), new() { ["file"] = "register.pdf", ["--map"] = "map.json", ["--iss"] = agency.Iss, ["--key"] = "record.json" }).ShouldBeFalse();
    }

    private JsonSchema SchemaOf(string id)
    {
        JsonSchema.TryCompile(all[id].GetProperty("parameters"), out var schema, out var problem).ShouldBeTrue(problem?.ToString());
        return schema!;
    }

    private static bool Fits(JsonSchema schema, Dictionary<string, object> parameters) => schema.IsValid(JsonSerializer.SerializeToElement(parameters));
}
