using EventLedger.Web.Tests.Support;

[assembly: AssemblyFixture(typeof(SeededSite))]
[assembly: AssemblyFixture(typeof(Browser))]
