using EventLedger.Tests.Shared;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgresFixture))]
// Every test class runs four validators and a host, which wait for disks and clocks more than they work.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]

namespace EventLedger.Api.Tests.Support;

/// <summary>Tests of what a whole process tells of itself run alone: of another host in it would be told too.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
