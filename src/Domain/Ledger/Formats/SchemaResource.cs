namespace EventLedger.Domain.Ledger.Formats;

/// <summary>A schema with an identifier of its own, and what can be named in it. Source: JSON Schema Core 2020-12, 4.3.5.</summary>
internal sealed class SchemaResource(Uri uri, string pointer)
{
    public Uri Uri => uri;

    /// <summary>Where it stands in the document.</summary>
    public string Pointer => pointer;

    /// <summary>Name to document pointer, plain and dynamic anchors.</summary>
    public Dictionary<string, string> Anchors { get; } = [];

    public HashSet<string> DynamicAnchors { get; } = [];

    /// <summary>The compiled schemas of the dynamic anchors.</summary>
    public Dictionary<string, SchemaNode> DynamicNodes { get; } = [];
}
