using Xunit.v3;

namespace EventLedger.Tests.Shared;

/// <summary>Says which row of the conformance checklist a test holds: the ids are in docs/conformance-rows.txt.</summary>
/// <param name="row">As in <c>N-6.2.1-c</c>.</param>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class, AllowMultiple = true)]
internal sealed class Y4561Attribute(string row) : Attribute, ITraitAttribute
{
    public string Row => row;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Y.4561", row)];
}
