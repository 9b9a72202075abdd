using Xunit.v3;

// Above all test namespaces, so that no file needs an import for it.
namespace EventLedger;

/// <summary>Says which row of the conformance checklist a test holds: the ids are in docs/conformance-rows.tsv.</summary>
/// <param name="row">As in <c>N-6.2.1-c</c>.</param>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class, AllowMultiple = true)]
internal sealed class Y4561Attribute(string row) : Attribute, ITraitAttribute
{
    public string Row => row;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Y.4561", row)];
}
