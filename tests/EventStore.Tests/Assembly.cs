using EventLedger.Tests.Shared;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgresFixture))]
