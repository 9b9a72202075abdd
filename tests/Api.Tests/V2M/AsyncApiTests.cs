using System.Text.Json;
using System.Text.RegularExpressions;
using EventLedger.Api.Tests.Support;
using EventLedger.Api.V2M.Live;
using EventLedger.Client;
using EventLedger.Tests.Shared;
using Xunit;

namespace EventLedger.Api.Tests.V2M;

/// <summary>docs/asyncapi.yaml says what the hub takes and sends, and no more.</summary>
public sealed partial class AsyncApiTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly string Document = File.ReadAllText(Path.Combine(Root(), "docs", "asyncapi.yaml"));

    private TestLedger ledger = null!;

    public async ValueTask InitializeAsync() => ledger = await TestLedger.Start(await postgres.Cluster.CreateDatabase());

    public ValueTask DisposeAsync() => ledger.DisposeAsync();

    [Fact]
    [Y4561("D-7.3.3")]
    public async Task The_document_names_the_hub_its_method_its_kinds_and_the_members_that_are_sent()
    {
        Document.ShouldContain($"address: {LiveHub.Path}\n");
        Document.ShouldContain($"target: {{ const: {nameof(LiveHub.Follow)} }}");
        Document.ShouldContain($"items: {{ enum: [{string.Join(", ", LiveKind.All)}] }}");
        Document.ShouldContain($"maxItems: {LiveFeed.ItemsMax}\n");
        typeof(LiveFilter).GetProperties().Where(p => p.Name != nameof(LiveFilter.Problem)).Select(p => JsonNamingPolicy.CamelCase.ConvertName(p.Name))
            .ShouldBe(Properties("Filter"));

        var agency = await Agency.Register(ledger);
        var supervisor = await Supervisor.Bind(ledger);
        (await agency.Submit(agency.Licence("A-1"), "wait=20")).Status.ShouldBe(201);
        await using var live = await LiveConnection.Open(ledger.Http.BaseAddress!, supervisor.Token);
        await using var feed = live.Follow(null, new(0, 0)).GetAsyncEnumerator();
        var seen = new Dictionary<string, JsonElement>();
        while (seen.Count < 3)
        {
            (await feed.MoveNextAsync()).ShouldBeTrue();
            foreach (var item in feed.Current.Items)
            {
                // The last of a kind: an entry of a record, which has every member.
                seen[item.GetProperty("kind").GetString()!] = item;
            }
        }
        foreach (var (kind, schema) in (Dictionary<string, string>)new() { ["event"] = "Entry", ["block"] = "Block", ["health"] = "Health" })
        {
            var members = seen[kind].EnumerateObject().Select(p => p.Name).ToList();
            Required(schema).Except(members).ShouldBeEmpty(schema);
            members.Except(Properties(schema)).ShouldBeEmpty(schema);
        }
    }

    private static string Block(string schema) => Regex.Match(Document, $@"^    {schema}:\n((?:      .*\n)+)", RegexOptions.Multiline).Groups[1].Value;

    private static string[] Required(string schema) => Regex.Match(Block(schema), @"^      required: \[(.*)\]", RegexOptions.Multiline).Groups[1].Value.Split(", ");

    private static string[] Properties(string schema) => [.. PropertyName().Matches(Block(schema)).Select(m => m.Groups[1].Value)];

    [GeneratedRegex("^        (\\w+):", RegexOptions.Multiline)]
    private static partial Regex PropertyName();

    private static string Root()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "EventLedger.sln")))
            {
                return at.FullName;
            }
        }
        throw new DirectoryNotFoundException("EventLedger.sln is not above this program.");
    }
}
