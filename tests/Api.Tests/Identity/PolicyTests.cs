using EventLedger.Api.Http;
using EventLedger.Api.Tests.Support;
using EventLedger.Tests.Shared;
using EventLedger.Web.Site;
using EventLedger.Web.Staff;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace EventLedger.Api.Tests.Identity;

public sealed class PolicyTests(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly string pages = Directory.CreateTempSubdirectory("eventledger-pages-").FullName;
    private TestLedger ledger = null!;

    public async ValueTask InitializeAsync() => ledger = await TestLedger.Start(await postgres.Cluster.CreateDatabase(), app => app.MapSite(), services =>
    {
        services.AddSite();
        services.AddStaff(new() { Data = pages, ConnectionString = "" });
    });

    public async ValueTask DisposeAsync()
    {
        await ledger.DisposeAsync();
        Directory.Delete(pages, recursive: true);
    }

    [Fact]
    public void No_endpoint_is_without_a_policy_and_no_policy_without_a_door()
    {
        var endpoints = ledger.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToList();
        endpoints.Count.ShouldBeGreaterThan(60);
        foreach (var endpoint in endpoints)
        {
            var needed = endpoint.Metadata.GetMetadata<Needed>();
            needed.ShouldNotBeNull($"{endpoint.DisplayName} names nobody who may call it: .Need(Policy.X)");
            if (!needed.Policy.IsOpen && needed.Policy != Policy.Session)
            {
                Needed.PointOf(endpoint).ShouldNotBeNull($"{endpoint.DisplayName} needs a token, and no reference point says for which door");
            }
        }
    }
}
