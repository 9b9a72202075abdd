using EventLedger.EventStore.Memory;
using EventLedger.EventStore.Postgres;
using EventLedger.Tests.Shared;
using Npgsql;
using Xunit;

namespace EventLedger.EventStore.Tests;

public sealed class MemoryEventStoreTests : EventStoreContract
{
    protected override IEventStore Store { get; } = new MemoryEventStore(Samples.Chain, TimeProvider.System);
}

public sealed class MemoryBlockTests : BlockContract
{
    protected override Task<IEventStore> Empty() => Task.FromResult<IEventStore>(new MemoryEventStore(Samples.Chain, TimeProvider.System));
}

public sealed class PostgresEventStoreTests(PostgresEventStoreTests.Shared shared) : EventStoreContract, IClassFixture<PostgresEventStoreTests.Shared>
{
    protected override IEventStore Store => shared.Store;

    /// <summary>One store for all tests of the class, so that they also run on a log that is not empty.</summary>
    public sealed class Shared(PostgresFixture postgres) : IAsyncLifetime
    {
        private NpgsqlDataSource database = null!;

        public PostgresEventStore Store { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            database = NpgsqlDataSource.Create(await postgres.Cluster.CreateDatabase());
            Store = await PostgresEventStore.Open(database, Samples.Chain, TimeProvider.System);
        }

        public async ValueTask DisposeAsync()
        {
            await Store.DisposeAsync();
            await database.DisposeAsync();
        }
    }
}

public sealed class PostgresBlockTests(PostgresFixture postgres) : BlockContract, IAsyncDisposable
{
    private readonly List<IAsyncDisposable> opened = [];

    protected override async Task<IEventStore> Empty()
    {
        var database = NpgsqlDataSource.Create(await postgres.Cluster.CreateDatabase());
        var store = await PostgresEventStore.Open(database, Samples.Chain, TimeProvider.System);
        opened.AddRange([store, database]);
        return store;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var one in opened)
        {
            await one.DisposeAsync();
        }
    }
}
