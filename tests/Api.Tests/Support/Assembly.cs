using EventLedger.Tests.Shared;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgresFixture))]
// Every test class runs four validators and a host; the machine has few cores.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
