using Xunit;

namespace EventLedger.Tests.Shared;

/// <summary>One server for all tests of an assembly: <c>[assembly: AssemblyFixture(typeof(PostgresFixture))]</c>. Each test class makes its own database.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    public PostgresCluster Cluster { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Cluster = await PostgresCluster.Create();

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}
