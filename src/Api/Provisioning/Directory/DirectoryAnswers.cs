using System.Text.Json.Nodes;
using EventLedger.Api.Host;
using EventLedger.Domain.Ledger;
using EventLedger.Domain.Ledger.Formats;

namespace EventLedger.Api.Provisioning.Directory;

/// <summary>Answers what data there is, whose it is and how it may be used. Source: ITU-T Y.4561 (08/2020) 6.2.6, Appendix I.2.</summary>
public sealed class DirectoryAnswers(HostState state)
{
    /// <summary>The whole tree.</summary>
    public DirectoryView Tree()
    {
        var registry = state.Registry;
        var below = registry.Directory.Values.ToLookup(n => n.Parent ?? "", StringComparer.Ordinal);
        var placed = registry.Directory.Values.Select(n => n.Format).OfType<string>().ToHashSet(StringComparer.Ordinal);
        List<NodeView> items =
        [
            .. Ordered(below[""]).Select(n => View(n, null, null, below, registry)),
            .. Formats(registry).Where(f => !placed.Contains(f.Id)).Select(f => new NodeView(f.Id, "dataset", f.Title, null, null, null, f.Id, null, null, null, Fields(f, null, null))),
        ];
        return new(items.Sum(DataSets), items);
    }

    /// <summary>Every data set with its place, the topmost node first.</summary>
    public static IEnumerable<(IReadOnlyList<NodeView> Above, NodeView DataSet)> DataSetsOf(DirectoryView tree) => tree.Items.SelectMany(i => Walk([], i));

    private static IEnumerable<(IReadOnlyList<NodeView>, NodeView)> Walk(IReadOnlyList<NodeView> above, NodeView node) =>
        node.Kind == "dataset" ? [(above, node)] : node.Children.SelectMany(c => Walk([.. above, node], c));

    private static NodeView View(DirectoryNode node, OwnerView? owner, JsonNode? right, ILookup<string, DirectoryNode> below, Registry registry)
    {
        // Whoever owns a sector owns what is in it, until a node says otherwise; so it is with the right to use.
        owner = Party(node.Owner, registry) ?? owner;
        right = node.Right is { } stated ? JsonNode.Parse(stated) : right?.DeepClone();
        var children = Ordered(below[node.Id]).Select(c => View(c, owner, right, below, registry)).ToList();
        var described = children.Where(c => c.Kind == "field").Select(c => c.Id).ToHashSet(StringComparer.Ordinal);
        if (node.Format is { } id && Formats(registry).FirstOrDefault(f => f.Id == id) is { } format)
        {
            children.AddRange(Fields(format, owner, right).Where(f => !described.Contains(f.Id)));
        }
        return new(node.Id, node.Kind, node.Title, node.Description, owner, Party(node.Publisher, registry), node.Format, null, right?.DeepClone(), node.ReviewBy, children);
    }

    private static List<NodeView> Fields(RecordFormat format, OwnerView? owner, JsonNode? right) => [.. format.Fields.OrderBy(f => f.Key, StringComparer.Ordinal)
        .Select(f => new NodeView(f.Key, "field", f.Key, null, owner, null, null, f.Value.ToString().ToLowerInvariant(), right?.DeepClone(), null, []))];

    private static IEnumerable<RecordFormat> Formats(Registry registry) => registry.Formats.Values.Select(f => f.Format).GroupBy(f => f.Id, StringComparer.Ordinal)
        .Select(g => g.MaxBy(f => f.Version)!).OrderBy(f => f.Id, StringComparer.Ordinal);

    private static IEnumerable<DirectoryNode> Ordered(IEnumerable<DirectoryNode> nodes) => nodes.OrderBy(n => n.Title, StringComparer.Ordinal).ThenBy(n => n.Id, StringComparer.Ordinal);

    private static OwnerView? Party(string? id, Registry registry) =>
        id is not null && registry.Organisations.TryGetValue(id, out var organisation) ? new(organisation.Id, organisation.Name, organisation.Contact) : null;

    private static int DataSets(NodeView node) => (node.Kind == "dataset" ? 1 : 0) + node.Children.Sum(DataSets);
}
