using System.Text.Json;
using EventLedger.Api.Tests.Support;
using EventLedger.Tests.Shared;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace EventLedger.Api.Tests.OpenApi;

public sealed class OpenApiTests(PostgresFixture postgres) : IAsyncLifetime
{
    private TestLedger ledger = null!;

    public async ValueTask InitializeAsync() => ledger = await TestLedger.Start(await postgres.Cluster.CreateDatabase());

    public ValueTask DisposeAsync() => ledger.DisposeAsync();

    [Fact]
    [Y4561("D-7.3-all")]
    public async Task The_document_holds_every_endpoint_under_the_tag_of_its_reference_point()
    {
        using var document = JsonDocument.Parse(await ledger.Http.GetStringAsync("/openapi/v1.json"));
        document.RootElement.GetProperty("openapi").GetString().ShouldStartWith("3.1");
        var points = document.RootElement.GetProperty("tags").EnumerateArray().Select(t => t.GetProperty("name").GetString()!).ToHashSet();
        points.ShouldBeSubsetOf(["R2D", "U2S", "O2C", "V2M", "P2R", "Identity", "Status"]);
        var operations = Operations(document).ToList();

        operations.Count.ShouldBeGreaterThan(30);
        Described().Except(operations.Select(o => $"{o.Method} {o.Path}")).ShouldBeEmpty("these endpoints stand in no document");
        foreach (var (method, path, operation) in operations)
        {
            var name = $"{method} {path}";
            operation.TryGetProperty("operationId", out _).ShouldBeTrue(name);
            operation.TryGetProperty("summary", out _).ShouldBeTrue(name);
            points.ShouldContain(operation.GetProperty("tags").EnumerateArray().ShouldHaveSingleItem().GetString()!, name);
            operation.GetProperty("responses").TryGetProperty("default", out _).ShouldBeTrue(name);
        }
        operations.Select(o => o.Operation.GetProperty("operationId").GetString()).ShouldBeUnique();
    }

    /// <summary>The categories of services that the Recommendation names for the two reference points of people who ask and people who control.</summary>
    [Theory]
    [InlineData("U2S", "QueryRecords|Search|VerifyProof|GetRecordProof|ListServices|AddWebhook")]
    [InlineData("O2C", "DraftRequest|SignRequest|PostControl|ListRequests|ListAcks")]
    [Y4561("D-7.3.1")]
    [Y4561("D-7.3.2")]
    public async Task A_reference_point_has_its_services_with_parameters_and_the_form_of_their_answers(string point, string services)
    {
        using var document = JsonDocument.Parse(await ledger.Http.GetStringAsync("/openapi/v1.json"));
        var operations = Operations(document).Where(o => o.Operation.GetProperty("tags")[0].GetString() == point).ToDictionary(o => o.Operation.GetProperty("operationId").GetString()!, o => o.Operation);

        services.Split('|').Except(operations.Keys).ShouldBeEmpty($"{point} has {string.Join(", ", operations.Keys)}");
        foreach (var service in services.Split('|'))
        {
            operations[service].GetProperty("responses").EnumerateObject().Any(IsAnswerWithForm).ShouldBeTrue(service);
        }
    }

    /// <summary>A schema is known by the simple name of its type: two of one name would be one in the document.</summary>
    [Fact]
    public void No_two_answers_have_one_name() => typeof(Api.OpenApi.OpenApiHost).Assembly.GetExportedTypes()
        .Where(t => !t.IsNested && t.GetMethod("<Clone>$") is not null).GroupBy(t => t.Name).Where(g => g.Count() > 1).Select(g => g.Key).ShouldBeEmpty();

    private static bool IsAnswerWithForm(JsonProperty answer) => answer.Name.StartsWith('2') && answer.Value.TryGetProperty("content", out var content)
        && content.EnumerateObject().All(c => c.Value.TryGetProperty("schema", out _));

    private static IEnumerable<(string Method, string Path, JsonElement Operation)> Operations(JsonDocument document) =>
        from path in document.RootElement.GetProperty("paths").EnumerateObject()
        from method in path.Value.EnumerateObject()
        where method.Name is "get" or "post" or "put" or "patch" or "delete"
        select (method.Name.ToUpperInvariant(), path.Name, method.Value);

    // As the host serves them; what is left out says so itself.
    private IEnumerable<string> Described() =>
        from endpoint in ledger.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        where endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is not { ExcludeFromDescription: true }
        let path = System.Text.RegularExpressions.Regex.Replace("/" + endpoint.RoutePattern.RawText!.Trim('/'), @"\{\**(\w+)[^}]*\}", "{$1}")
        from method in endpoint.Metadata.GetMetadata<Microsoft.AspNetCore.Routing.IHttpMethodMetadata>()?.HttpMethods ?? []
        where path.Length > 1 && path is not "/metrics" && !path.StartsWith("/openapi", StringComparison.Ordinal)
        select $"{method} {path}";
}
